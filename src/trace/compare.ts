// Two traces beside each other. What every span held by itself is disjoint and adds up to
// the duration, in both; so the differences of the spans that were matched, with what only
// one of the two has, add up to the difference of the durations exactly.
import type { Analysis } from './analysis';
import { callerOf } from './hops';
import { endName } from './owner';
import { foldName } from './fold';
import { matchSpans, type Match } from './match';
import { LAYERS, POINT_NAMES, serviceOf, Source } from './model';
import type { Layer, Trace } from './model';
import type { Ribbons } from './ribbons';

/** The same thing in both traces: times held and how often. */
export interface Pair {
  key: string;
  times: [number, number];
  counts: [number, number];
  /** Rows of the two spans that differ most, -1 where one is not there. */
  rows: [number, number];
}

/** What one span, or one of a pair, held in one layer. */
export interface Difference {
  rows: [number, number];
  layer: Layer;
  times: [number, number];
}

export interface Comparison {
  totals: [number, number];
  match: Match;
  /** Where the two differ, by span and layer, the most first: so many that a sentence can be made of them. */
  differences: Difference[];
  /** The largest of them, 0 where there is none. */
  most: number;
  /** By how much each row holds longer in b than in a; of a those only that b does not have. */
  gains: [Float64Array, Float64Array];
  layers: Array<Pair & { layer: Layer }>;
  services: Pair[];
  spans: Pair[];
}

/** Two traces beside each other, with all that is drawn and said of it. */
export interface Compared {
  comparison: Comparison;
  sentence: string;
  ribbons: Ribbons;
}

/** Differences that are looked at for words. */
const LOOKED_AT = 400;

/** More kinds of spans, or services, are one line. */
const MOST_PAIRS = 2000;

/** Medians and stretched times are rounded to whole nanoseconds, at both ends. */
const ROUNDING = 2;

/** True where two times are the same but for rounding, or for less than three digits tell. */
export const isAsLong = ({ times: [there, here] }: { times: [number, number] }): boolean => Math.abs(here - there) <= Math.max(ROUNDING, Math.max(there, here) / 1000);

/** The difference as it is shown: none where two times are as long. */
export const shownDifference = (times: [number, number]): number => (isAsLong({ times }) ? 0 : times[1] - times[0]);

export const difference = (p: { times: [number, number] }): number => p.times[1] - p.times[0];

export function compare(a: Analysis, b: Analysis): Comparison {
  const match = matchSpans(a.trace, b.trace);
  const [heldA, heldB] = [heldByLayer(a), heldByLayer(b)];
  const gains: [Float64Array, Float64Array] = [new Float64Array(a.trace.length), new Float64Array(b.trace.length)];
  const all: Difference[] = [];
  const put = (i: number, j: number) => {
    for (const layer of LAYERS) {
      const times: [number, number] = [i < 0 ? 0 : heldA[i * LAYERS.length + layer], j < 0 ? 0 : heldB[j * LAYERS.length + layer]];
      if (times[0] + times[1] > 0) {
        all.push({ rows: [i, j], layer, times });
      }
      if (i >= 0) {
        gains[0][i] += times[1] - times[0];
      }
      if (j >= 0) {
        gains[1][j] += times[1] - times[0];
      }
    }
  };
  b.trace.order.forEach((j) => put(match.toA[j], j));
  a.trace.order.forEach((i) => match.toB[i] < 0 && put(i, -1));
  const sum = (side: 0 | 1) => all.reduce((total, d) => total + d.times[side], 0);
  const of = ({ rows: [i, j] }: Difference): [Trace, number] => (j >= 0 ? [b.trace, j] : [a.trace, i]);
  const layers = group(all, (d) => String(d.layer));
  const differing = all.filter((d) => !isAsLong(d)).sort(mostFirst);
  return {
    totals: [sum(0), sum(1)],
    match,
    differences: differing.slice(0, LOOKED_AT),
    most: differing.length > 0 ? Math.abs(difference(differing[0])) : 0,
    gains,
    layers: LAYERS.map((layer) => ({ ...(layers.find((p) => p.key === String(layer)) ?? { key: '', times: [0, 0], counts: [0, 0], rows: [-1, -1] }), layer }) as Pair & { layer: Layer }),
    services: group(all, (d) => serviceName(...of(d))),
    spans: group(all, (d) => nameOf(...of(d))),
  };
}

function heldByLayer({ trace, slices, holders }: Analysis): Float64Array {
  const held = new Float64Array(trace.length * LAYERS.length);
  for (let k = 0; k < holders.length; k++) {
    held[holders.span[k] * LAYERS.length + slices.layer[holders.slice[k]]] += holders.to[k] - holders.from[k];
  }
  return held;
}

function group(all: Difference[], keyOf: (d: Difference) => string): Pair[] {
  const byKey = new Map<string, Pair & { most: number; last: [number, number] }>();
  for (const d of all) {
    const key = keyOf(d);
    let pair = byKey.get(key);
    if (!pair) {
      byKey.set(key, (pair = { key, times: [0, 0], counts: [0, 0], rows: d.rows, most: -1, last: [-1, -1] }));
    }
    for (const side of [0, 1] as const) {
      pair.times[side] += d.times[side];
      if (d.rows[side] >= 0 && d.rows[side] !== pair.last[side]) {
        pair.last[side] = d.rows[side]; // the layers of one span follow each other
        pair.counts[side]++;
      }
    }
    if (Math.abs(difference(d)) > pair.most) {
      pair.most = Math.abs(difference(d));
      pair.rows = d.rows;
    }
  }
  const pairs = [...byKey.values()].map(({ key, times, counts, rows }): Pair => ({ key, times, counts, rows })).sort((x, y) => mostFirst(x, y) || (x.key < y.key ? -1 : 1));
  return pairs.length > MOST_PAIRS ? [...pairs.slice(0, MOST_PAIRS), sumOf(pairs.slice(MOST_PAIRS))] : pairs;
}

function sumOf(pairs: Pair[]): Pair {
  const sum: Pair = { key: `${pairs.length} others`, times: [0, 0], counts: [0, 0], rows: [-1, -1] };
  for (const { times, counts } of pairs) {
    for (const side of [0, 1] as const) {
      sum.times[side] += times[side];
      sum.counts[side] += counts[side];
    }
  }
  return sum;
}

const mostFirst = (x: { times: [number, number] }, y: { times: [number, number] }): number => Math.abs(difference(y)) - Math.abs(difference(x)) || y.times[0] - x.times[0];

const serviceName = (t: Trace, i: number): string => serviceOf(t, t.source[i] === Source.Net ? callerOf(t, i) : i) || 'no service';

// What a span is in any trace of its kind: who, what and where, without ids.
function nameOf(t: Trace, i: number): string {
  const name = foldName(t.text.name[i] || t.text.request[i] || 'span');
  if (t.source[i] === Source.App) {
    return `${serviceOf(t, i)} · ${name}`;
  }
  const ends = `${t.text.client[i] || endName(t, callerOf(t, i))} → ${t.text.server[i] || endName(t, i)}`;
  return `${ends} · ${name} · ${POINT_NAMES[t.point[i]]}`;
}
