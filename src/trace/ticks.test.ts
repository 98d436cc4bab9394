import { expect, it } from 'vitest';
import { axisStep, formatAxis } from './ticks';

const [S, MIN, H] = [1e9, 60e9, 3600e9];

it.each([
  [443e6, 10, 50e6], [100, 7, 20], [9.5 * S, 10, S], [100 * S, 10, 10 * S], [7954 * S, 10, 15 * MIN], [26 * H, 10, 3 * H], [10 * 24 * H, 8, 48 * H],
])('%s ns with %s marks has one each %s ns', (span, marks, step) => expect(axisStep(span, marks)).toBe(step));

it.each([
  [50e6, 50e6, '50 ms'], [1.25e6, 5e4, '1.25 ms'], [12 * S, 2 * S, '12 s'], [1500, 100, '1.5 µs'], [90 * S, 30 * S, '90 s'],
  [7954 * S, S, '2 h 12 min 34 s'], [7954.5 * S, S / 10, '2 h 12 min 34.5 s'], [7920 * S, 15 * MIN, '2 h 12 min'], [3 * H, H, '3 h'], [0, 15 * MIN, '0'],
  [30 * MIN, 15 * MIN, '30 min'], [120 * S, 10 * S, '2 min'], [3599.99 * S, S, '1 h'], [-7200 * S, 15 * MIN, '−2 h'], [50 * H, 12 * H, '2 d 2 h'],
])('%s ns, marks each %s ns, is %s', (ns, step, text) => expect(formatAxis(ns, step)).toBe(text));
