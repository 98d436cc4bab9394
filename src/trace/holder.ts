// The holder of every instant: the deepest span on the last-finishing path. The segments
// of a root follow each other without a gap or an overlap, so whatever is summed over
// them (layer, service, span) adds up to the root's duration exactly.
import { firstAbove } from './bisect';
import type { Trace } from './model';
import { sliceAfter, type Slices } from './slices';

export interface Holders {
  length: number;
  /** Segments by time; each is one own slice, or a part of one. */
  from: Float64Array;
  to: Float64Array;
  span: Int32Array;
  slice: Int32Array;
}

const NO_HOLDERS: Holders = {
  length: 0,
  from: new Float64Array(0),
  to: new Float64Array(0),
  span: new Int32Array(0),
  slice: new Int32Array(0),
};

/** Who holds the time of `root`, of the whole trace or of any subtree. */
export function holdersOf(t: Trace, s: Slices, root: number): Holders {
  if (root < 0) {
    return NO_HOLDERS;
  }
  const from: number[] = [];
  const to: number[] = [];
  const span: number[] = [];
  const slice: number[] = [];
  const own = (i: number, a: number, b: number) => {
    for (let k = sliceAfter(s, i, a); k < s.first[i + 1] && s.from[k] < b; k++) {
      from.push(Math.max(a, s.from[k]));
      to.push(Math.min(b, s.to[k]));
      span.push(i);
      slice.push(k);
    }
  };
  // Depth first without recursion; the order segments are found in does not matter.
  const stack: Array<[number, number, number]> = [[root, t.start[root], t.end[root]]];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [i, a, b] = top;
    let time = b;
    for (const child of byLastEnd(t, i)) {
      const end = Math.min(t.end[child], time);
      if (t.start[child] >= time || end <= a || end <= t.start[child]) {
        continue;
      }
      own(i, end, time);
      const begin = Math.max(a, t.start[child]);
      stack.push([child, begin, end]);
      time = begin;
    }
    own(i, a, time);
  }
  return sorted(from, to, span, slice);
}

function byLastEnd(t: Trace, i: number): Int32Array {
  const children = t.inner.slice(t.innerStart[i], t.innerStart[i + 1]);
  for (let k = 1; k < children.length; k++) {
    if (t.end[children[k]] <= t.end[children[k - 1]]) {
      return children.sort((x, y) => t.end[y] - t.end[x] || t.start[x] - t.start[y] || x - y);
    }
  }
  return children.reverse();
}

function sorted(from: number[], to: number[], span: number[], slice: number[]): Holders {
  const order = Int32Array.from(from.keys()).sort((a, b) => from[a] - from[b]);
  return {
    length: order.length,
    from: Float64Array.from(order, (k) => from[k]),
    to: Float64Array.from(order, (k) => to[k]),
    span: Int32Array.from(order, (k) => span[k]),
    slice: Int32Array.from(order, (k) => slice[k]),
  };
}

/** The segment that holds `time`, -1 outside. */
export function holderAt(h: Holders, time: number): number {
  const k = firstEndingAfter(h, time);
  return k < h.length && h.from[k] <= time ? k : -1;
}

/** The first segment that ends after `time`. */
export const firstEndingAfter = (h: Holders, time: number): number => firstAbove(h.to, time, 0, h.length);

/** Time each span holds by itself, and with everything below it. */
export function heldTimes(t: Trace, h: Holders): { alone: Float64Array; below: Float64Array } {
  const alone = new Float64Array(t.length);
  for (let k = 0; k < h.length; k++) {
    alone[h.span[k]] += h.to[k] - h.from[k];
  }
  const below = alone.slice();
  for (let k = t.length - 1; k >= 0; k--) {
    const i = t.order[k];
    if (t.within[i] >= 0) {
      below[t.within[i]] += below[i];
    }
  }
  return { alone, below };
}
