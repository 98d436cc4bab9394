// Two traces side by side. What every span held by itself is disjoint and adds up to the
// duration, in both; so the differences add up to the difference of the durations.
import type { Analysis } from './analysis';
import { breakDown } from './breakdown';
import { callerOf, endName } from './layer';
import { LAYERS, POINT_NAMES, serviceOf, Source } from './model';
import type { Layer, Trace } from './model';

/** The same thing in both traces: times held and how often. */
export interface Pair {
  key: string;
  times: [number, number];
  counts: [number, number];
  /** First row in each trace, -1 where it is not there. */
  rows: [number, number];
}

export interface Comparison {
  totals: [number, number];
  layers: Array<{ layer: Layer; times: [number, number] }>;
  /** By how much they differ, the most first. */
  services: Pair[];
  spans: Pair[];
}

export function compare(a: Analysis, b: Analysis): Comparison {
  const splits = [a, b].map(({ trace, slices, holders }) => breakDown(trace, slices, holders));
  return {
    totals: [splits[0].total, splits[1].total],
    layers: LAYERS.map((layer) => ({ layer, times: [splits[0].layers[layer], splits[1].layers[layer]] as [number, number] })),
    services: pairs(a, b, (t, i) => serviceOf(t, t.source[i] === Source.Net ? callerOf(t, i) : i) || 'no service'),
    spans: pairs(a, b, nameOf),
  };
}

// What a span is in any trace of its kind: who, what and where, without ids.
function nameOf(t: Trace, i: number): string {
  const name = (t.text.name[i] || t.text.request[i] || 'span').replace(/\b[0-9a-f]{8,}\b|\d+/g, '#');
  if (t.source[i] === Source.App) {
    return `${serviceOf(t, i)} · ${name}`;
  }
  const ends = `${t.text.client[i] || endName(t, callerOf(t, i))} → ${t.text.server[i] || endName(t, i)}`;
  return `${ends} · ${name} · ${POINT_NAMES[t.point[i]]}`;
}

function pairs(a: Analysis, b: Analysis, keyOf: (t: Trace, i: number) => string): Pair[] {
  const byKey = new Map<string, Pair>();
  [a, b].forEach(({ trace, held }, side) => {
    for (const i of trace.order) {
      const key = keyOf(trace, i);
      let pair = byKey.get(key);
      if (!pair) {
        byKey.set(key, (pair = { key, times: [0, 0], counts: [0, 0], rows: [-1, -1] }));
      }
      pair.times[side] += held.alone[i];
      pair.counts[side]++;
      if (pair.rows[side] < 0) {
        pair.rows[side] = i;
      }
    }
  });
  return [...byKey.values()].sort((x, y) => Math.abs(difference(y)) - Math.abs(difference(x)) || y.times[0] - x.times[0] || (x.key < y.key ? -1 : 1));
}

export const difference = (p: { times: [number, number] }): number => p.times[1] - p.times[0];
