import { expect, it } from 'vitest';
import durations from '../../testdata/duration.json';
import { axisStep, formatAxis, formatShare, formatTime } from './format';
import { parseReason } from './reason';

it('writes times as the backend does', () => {
  expect((durations as Array<[number, string]>).map(([ns]) => [ns, formatTime(ns)])).toEqual(durations);
});

it.each([[1, 2, '50.0%'], [1, 1e6, '<0.1%'], [0, 5, '0%'], [3, 0, '0%']])('%s of %s is %s', (part, whole, text) => expect(formatShare(part, whole)).toBe(text));

it('marks axes by 1, 2 or 5 times a power of ten', () => {
  expect([axisStep(443e6, 10), axisStep(100, 7), axisStep(9.5e9, 10)]).toEqual([50e6, 20, 1e9]);
  expect([formatAxis(50e6, 50e6), formatAxis(1.25e6, 5e4), formatAxis(12e9, 2e9), formatAxis(1500, 100)]).toEqual(['50 ms', '1.25 ms', '12 s', '1.5 µs']);
});

it('splits a reason into words and values', () => {
  expect(parseReason('same TCP sequence pair 12/34 at c-p and c')).toEqual({ words: 'same TCP sequence pair 12/34 at c-p and c', values: [] });
  expect(parseReason('equal on both: span_id=a1b2, peer=10.0.0.7:80')).toEqual({ words: 'equal on both', values: [['span_id', 'a1b2'], ['peer', '10.0.0.7:80']] });
});
