import { expect, it } from 'vitest';
import { readChoices, writeChoices } from './address';
import { DEFAULT_CHOICES, type Choices } from './choices';

const chosen: Choices = { tab: 'waterfall', sources: [true, false, true], colourBy: 'a;b:50%', density: 'alike', split: true, query: 'app.level="a;b" 50%', matchesOnly: true };

it('says what differs from the options, so that it can be read in the address', () => {
  expect(writeChoices(DEFAULT_CHOICES, DEFAULT_CHOICES)).toBe('');
  expect(writeChoices({ ...DEFAULT_CHOICES, tab: 'waterfall', colourBy: 'http.route' }, DEFAULT_CHOICES)).toBe('tab:waterfall;colour:http.route');
});

it('reads what it wrote, whatever an attribute is called', () => {
  expect(readChoices(writeChoices(chosen, DEFAULT_CHOICES), DEFAULT_CHOICES)).toEqual(chosen);
  expect(readChoices(writeChoices({ ...chosen, sources: [false, false, false] }, chosen), chosen).sources).toEqual([false, false, false]);
});

it('leaves out what no panel can show', () => {
  expect(readChoices('tab:nowhere;draw:oil;colour:;:;%;layers', DEFAULT_CHOICES)).toEqual(DEFAULT_CHOICES);
});
