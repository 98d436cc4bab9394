import { expect, it } from 'vitest';
import { sideFor } from './side';

const room = { width: 1000, height: 500 };
const bar = (left: number, right: number, top = 100) => ({ left, right, top, bottom: top + 18 });

it.each([
  ['left of the sheet', bar(100, 300), 'end'],
  ['that begins left of it', bar(100, 990), 'end'],
  ['that is as wide as the view', bar(-500, 2000), 'end'],
  ['under it', bar(700, 800), 'start'],
  ['that shows less than enough', bar(610, 900), 'start'],
  ['of a pixel, in sight', bar(300, 301), 'end'],
  ['of a pixel, under it', bar(900, 901), 'start'],
] as const)('is at the right unless that covers a bar: %s', (_, box, side) => {
  expect(sideFor(box, room, 384, false, 'end')).toBe(side);
});

it('goes back when it would cover what is selected at the left', () => {
  expect(sideFor(bar(700, 800), room, 384, false, 'start')).toBe('start');
  expect(sideFor(bar(100, 300), room, 384, false, 'start')).toBe('end');
});

it('stays where it is when both sides cover the bar', () => {
  expect(sideFor(bar(480, 520), room, 700, false, 'end')).toBe('end');
});

it('is at the bottom of a narrow panel unless that covers the bar', () => {
  expect(sideFor(bar(0, 500, 100), room, 280, true, 'end')).toBe('end');
  expect(sideFor(bar(0, 500, 300), room, 280, true, 'end')).toBe('start');
});

it('counts what stays free above it at the top', () => {
  const box = bar(0, 500, 300);
  expect(sideFor(box, room, 280, true, 'end', 0)).toBe('start');
  expect(sideFor(box, room, 280, true, 'end', 75)).toBe('end');
});
