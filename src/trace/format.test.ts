import { expect, it } from 'vitest';
import { axisStep, formatAxis, formatShare, formatTime } from './format';
import { parseReason } from './reason';

it.each([
  [0, '0 µs'], [512, '512 ns'], [1_500, '1.5 µs'], [92_000, '92 µs'], [999_600, '1.00 ms'], [9_240_000, '9.24 ms'], [203_870_000, '203.9 ms'],
  [999_960_000, '1.00 s'], [96e9, '96.00 s'], [-1_500_000, '-1.50 ms'],
])('%s ns is %s', (ns, text) => expect(formatTime(ns)).toBe(text));

it.each([[1, 2, '50.0%'], [1, 1e6, '<0.1%'], [0, 5, '0%'], [3, 0, '0%']])('%s of %s is %s', (part, whole, text) => expect(formatShare(part, whole)).toBe(text));

it('marks axes by 1, 2 or 5 times a power of ten', () => {
  expect([axisStep(443e6, 10), axisStep(100, 7), axisStep(9.5e9, 10)]).toEqual([50e6, 20, 1e9]);
  expect([formatAxis(50e6, 50e6), formatAxis(1.25e6, 5e4), formatAxis(12e9, 2e9), formatAxis(1500, 100)]).toEqual(['50 ms', '1.25 ms', '12 s', '1.5 µs']);
});

it('splits a reason into words and values', () => {
  expect(parseReason('same TCP sequence pair 12/34 at c-p and c')).toEqual({ words: 'same TCP sequence pair 12/34 at c-p and c', values: [] });
  expect(parseReason('equal on both: span_id=a1b2, peer=10.0.0.7:80')).toEqual({ words: 'equal on both', values: [['span_id', 'a1b2'], ['peer', '10.0.0.7:80']] });
});
