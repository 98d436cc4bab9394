import { expect, it } from 'vitest';
import durations from '../../testdata/duration.json';
import { formatShare, formatTime } from './format';
import { parseReason } from './reason';

it('writes times as the backend does', () => {
  expect((durations as Array<[number, string]>).map(([ns]) => [ns, formatTime(ns)])).toEqual(durations);
});

it.each([[1, 2, '50.0%'], [1, 1e6, '<0.1%'], [0, 5, '0%'], [3, 0, '0%']])('%s of %s is %s', (part, whole, text) => expect(formatShare(part, whole)).toBe(text));

it('splits a reason into words and values', () => {
  expect(parseReason('same TCP sequence pair 12/34 at c-p and c')).toEqual({ words: 'same TCP sequence pair 12/34 at c-p and c', values: [] });
  expect(parseReason('equal on both: span_id=a1b2, peer=10.0.0.7:80')).toEqual({ words: 'equal on both', values: [['span_id', 'a1b2'], ['peer', '10.0.0.7:80']] });
});
