import { describe, expect, it } from 'vitest';
import { createDataFrame, FieldType } from '@grafana/data';
import { cellsOf, durationText, extentOf, nanoseconds, Plane, shade } from './heatmap';

const frame = createDataFrame({
  meta: { custom: { stepMs: 60_000 } },
  fields: [
    { name: 'xMax', type: FieldType.time, values: [120_000, 120_000, 180_000] },
    { name: 'yMin', type: FieldType.number, values: [1e6, 1e8, 1e6] },
    { name: 'yMax', type: FieldType.number, values: [2e6, 2e8, 2e6] },
    { name: 'count', type: FieldType.number, values: [10, 1, 0] },
  ],
});

describe('the heatmap', () => {
  it('takes the cells with requests from a frame', () => {
    expect(cellsOf(frame)).toEqual([
      { from: 60_000, to: 120_000, min: 1e6, max: 2e6, count: 10 },
      { from: 60_000, to: 120_000, min: 1e8, max: 2e8, count: 1 },
    ]);
    expect(cellsOf(undefined)).toEqual([]);
  });

  it('shows the whole time range and all durations', () => {
    expect(extentOf(cellsOf(frame), 0, 300_000)).toEqual({ from: 0, to: 300_000, min: 1e6, max: 2e8 });
    expect(extentOf([], 0, 1).max).toBeGreaterThan(1); // axes without a request
  });

  it('selects what lies between two corners, whichever way they were drawn', () => {
    const plane = new Plane({ from: 0, to: 1000, min: 1e6, max: 1e9 }, 100, 100);
    const down = plane.between(10, 0, 50, 100);
    expect(down).toEqual(plane.between(50, 100, 10, 0));
    expect(down).toMatchObject({ from: 100, to: 500 });
    expect(down.min).toBeCloseTo(1e6, -1);
    expect(down.max).toBeCloseTo(1e9, -1);
    expect(plane.between(-50, -50, 500, 500)).toMatchObject({ from: 0, to: 1000 }); // beyond the axes
  });

  it('finds a duration again where it draws it', () => {
    const plane = new Plane({ from: 0, to: 1000, min: 1e3, max: 1e9 }, 100, 100);
    expect(plane.duration(plane.y(5e6))).toBeCloseTo(5e6, 0);
    expect(plane.ticks()).toEqual([1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]);
  });

  it('shows a single request among thousands', () => {
    expect(shade(1, 10_000)).toBeGreaterThan(0.2);
    expect(shade(10_000, 10_000)).toBe(1);
  });

  it.each([
    [1_500_000, '1.5ms'],
    [250, '250ns'],
    [92_000, '92us'],
    [2_000_000_000, '2s'],
  ])('writes %d ns as %s, and reads it again', (ns, text) => {
    expect(durationText(ns)).toBe(text);
    expect(nanoseconds(text)).toBe(ns);
  });

  it('reads no duration from other texts', () => {
    expect(['', '5', 'ms', '-5ms', '$min'].map(nanoseconds)).toEqual([0, 0, 0, 0, 0]);
  });
});
