import { expect, it } from 'vitest';
import { firstAbove, firstAboveNear, firstFrom, firstFromNear } from './bisect';

const values = [1, 3, 3, 3, 5, 8, 8, 13];
const places = Array.from(values.keys());
const among = (lo: number, hi: number, holds: (v: number) => boolean) => places.find((k) => k >= lo && k < hi && holds(values[k])) ?? hi;

it('finds the first place that counting finds, in any part of the list, near by or not', () => {
  for (let lo = 0; lo <= values.length; lo++) {
    for (let hi = lo; hi <= values.length; hi++) {
      for (let limit = 0; limit <= 14; limit++) {
        const above = among(lo, hi, (v) => v > limit);
        const from = among(lo, hi, (v) => v >= limit);
        expect(firstAbove(values, limit, lo, hi)).toBe(above);
        expect(firstFrom(values, limit, lo, hi)).toBe(from);
        expect([1, 2, 16].map((step) => firstAboveNear(values, limit, lo, hi, step))).toEqual([above, above, above]);
        expect([1, 2, 16].map((step) => firstFromNear(values, limit, lo, hi, step))).toEqual([from, from, from]);
      }
    }
  }
});
