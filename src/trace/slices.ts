// Own slices: the parts of every span that no child covers. They are what a bar shows in
// full tone, and the sum of them is the span's own time.
import type { Layer, Trace } from './model';
import { cutLate } from './late';
import { layerOf } from './layer';
import { runSteps, type Steps } from './steps';

export interface Slices {
  /** Slices of row i: first[i] up to first[i + 1], by time. */
  first: Int32Array;
  from: Float64Array;
  to: Float64Array;
  layer: Uint8Array;
  /** Children on both sides, -1 for none. */
  before: Int32Array;
  after: Int32Array;
  /** Own time of each span. */
  own: Float64Array;
  /** Slices that are read as another row's: the times in which a request came late. */
  readAs?: ReadonlyMap<number, number>;
}

/** The row that says what a slice was. */
export const rowOfSlice = (s: Slices, slice: number, span: number): number => s.readAs?.get(slice) ?? span;

const CHUNK = 4096; // spans between stops

export const sliceSpans = (t: Trace): Slices => runSteps(sliceSteps(t));

export function* sliceSteps(t: Trace): Steps<Slices> {
  const n = t.length;
  // A span with k children has at most k + 1 slices.
  const room = n + t.children.length;
  const first = new Int32Array(n + 1);
  const from = new Float64Array(room);
  const to = new Float64Array(room);
  const layer = new Uint8Array(room);
  const before = new Int32Array(room);
  const after = new Int32Array(room);
  const own = new Float64Array(n);
  let at = 0;
  const slice = (i: number) => {
    first[i] = at;
    let time = t.start[i];
    let left = -1;
    const put = (end: number, right: number) => {
      if (end > time) {
        from[at] = time;
        to[at] = end;
        before[at] = left;
        after[at] = right;
        layer[at] = layerOf(t, i, left, right);
        own[i] += end - time;
        at++;
      }
    };
    for (let k = t.childStart[i]; k < t.childStart[i + 1]; k++) {
      const child = t.children[k];
      if (Math.min(t.end[child], t.end[i]) <= Math.max(t.start[child], t.start[i])) {
        continue; // of no length, or wholly outside of its parent
      }
      put(t.start[child], child);
      if (t.end[child] > time) {
        time = t.end[child];
        left = child;
      }
    }
    put(t.end[i], -1);
  };
  for (let from = 0; from < n; from += CHUNK) {
    for (let i = from; i < Math.min(n, from + CHUNK); i++) {
      slice(i);
    }
    yield;
  }
  first[n] = at;
  return cutLate(t, { first, own, ...cut({ from, to, layer, before, after }, at) });
}

function cut<T extends Record<string, Float64Array | Uint8Array | Int32Array>>(columns: T, length: number): T {
  return Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, v.slice(0, length)])) as T;
}

/** Index of the first slice of row i that ends after `time`; first[i + 1] when none does. */
export function sliceAfter(s: Slices, i: number, time: number): number {
  let lo = s.first[i];
  let hi = s.first[i + 1];
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (s.to[mid] <= time) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

export type SliceLayer = Layer;
