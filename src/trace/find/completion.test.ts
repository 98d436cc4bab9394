import { describe, expect, it } from 'vitest';
import { shape } from '../fixture/shapes';
import { accept, keysOf, MOST_OFFERS, offersFor, placeAt, valuesInFrame, type Offer, type Place } from './completion';

const isKey = (key: string) => key === 'app.level';
const at = (text: string, caret = text.length) => placeAt(text, caret, isKey);

describe('where somebody writes', () => {
  it.each<[string, Place]>([
    ['', { of: 'key', from: 0, to: 0, typed: '', key: '' }],
    ['app.l', { of: 'key', from: 0, to: 5, typed: 'app.l', key: '' }],
    ['error app.l', { of: 'key', from: 6, to: 11, typed: 'app.l', key: '' }],
    ['app.level', { of: 'operator', from: 9, to: 9, typed: '', key: 'app.level' }],
    ['app.level!', { of: 'operator', from: 9, to: 10, typed: '!', key: 'app.level' }],
    ['app.level=', { of: 'value', from: 10, to: 10, typed: '', key: 'app.level' }],
    ['app.level!=go', { of: 'value', from: 11, to: 13, typed: 'go', key: 'app.level' }],
    ['a="very go', { of: 'value', from: 2, to: 10, typed: 'very go', key: 'a' }],
    ['"a b" app.level=g', { of: 'value', from: 16, to: 17, typed: 'g', key: 'app.level' }],
  ])('%s', (text, place) => expect(at(text)).toEqual(place));

  it('replaces the whole word, wherever the caret is in it', () => {
    expect(at('app.level=gold error', 12)).toMatchObject({ of: 'value', from: 10, to: 14, typed: 'go' });
  });

  it('is nowhere where nothing can be offered', () => {
    expect(at('"some te')).toBeNull();
    expect(at('a="b" c>"d"')).toBeNull(); // it is written
  });
});

it('writes what was chosen, in quotes where it must be', () => {
  const place = at('error app.level=g slow', 17)!;
  const [gold] = offersFor(place, [], [{ text: 'very gold', count: 3 }]);
  expect(gold).toEqual({ text: 'very gold', note: '3', insert: '"very gold" ' });
  expect(accept('error app.level=g slow', place, gold)).toEqual({ text: 'error app.level="very gold" slow', caret: 28 });
});

it('offers what begins with the text before what contains it, and not without end', () => {
  const keys = ['http.route', 'route', 'x'].map((text): Offer => ({ text, note: '', insert: text }));
  expect(offersFor(at('ROU')!, keys, []).map(({ text }) => text)).toEqual(['route', 'http.route']);
  const many = Array.from({ length: 200 }, (_, n): Offer => ({ text: `key${n}`, note: '', insert: '' }));
  expect(offersFor(at('key')!, many, [])).toHaveLength(MOST_OFFERS);
});

it('explains each operator', () => {
  const operators = offersFor(at('app.level')!, [], []);
  expect(operators.map(({ text }) => text)).toEqual(['=', '!=', '=~', '!~', '>=', '>', '<=', '<']);
  expect(operators.every(({ note }) => note !== '')).toBe(true);
  expect(offersFor(at('app.level!')!, [], []).map(({ text }) => text)).toEqual(['!=', '!~']);
});

describe('the keys and values of a trace', () => {
  const { trace } = shape('demofail-0');
  const texts = (offers: Offer[]) => offers.map(({ text }) => text);

  it('are those that its spans have, each once', () => {
    const known = [
      { text: 'app.loyalty.level', group: 'attributes', count: 1 },
      { text: 'service', group: 'attributes', count: 1 },
    ];
    const keys = keysOf(trace, known);
    expect(texts(keys)).toEqual(expect.arrayContaining(['error', 'service', 'kind', 'event', 'app.loyalty.level']));
    expect(texts(keys)).not.toContain('interface'); // nobody looked at packets
    expect(new Set(texts(keys)).size).toBe(keys.length);
  });

  it('are those of the frame alone where nobody can be asked', () => {
    expect(texts(keysOf(trace, null))).toEqual(expect.arrayContaining(['service', 'request']));
    expect(texts(keysOf(trace, null))).not.toContain('event');
  });

  it('come with how many spans have them', () => {
    const services = valuesInFrame(trace, 'service')!;
    expect(services.reduce((sum, { count }) => sum + count, 0)).toBe(trace.length);
    expect(services[0].count).toBeGreaterThanOrEqual(services.at(-1)!.count);
    expect(valuesInFrame(trace, 'app.loyalty.level')).toBeNull();
    expect(valuesInFrame(trace, 'duration')).toBeNull();
  });
});
