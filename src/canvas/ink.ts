// What each bar of a layout is painted with, in the order in which its rows are painted, so
// that painting a large trace reads memory from front to back.
import { Layer, Source } from '../trace/model';
import type { Slices } from '../trace/slices';
import type { Layout } from '../trace/layout';
import type { Scene } from './scene';

interface Inks {
  /** Per place in `order`: group × 4, 2 more for packets, 1 more where waiting is most of it; NO_INK for a group of spans. */
  of: Uint32Array;
  /** 1 for a row whose bars have one height. */
  even: Uint8Array;
}

export const NO_INK = 0xffffffff;

/** Share of time that it worked itself from which a bar of one tone is in full tone. */
export const BUSY = 0.4;

/** A span's own time without what it waited for a peer. */
export function busyTime(s: Slices, i: number): number {
  let time = s.own[i];
  for (let k = s.first[i]; k < s.first[i + 1]; k++) {
    if (s.layer[k] === Layer.Waiting) {
      time -= s.to[k] - s.from[k];
    }
  }
  return time;
}

const known = new WeakMap<Layout, { group: Int32Array; own: Float64Array; inks: Inks }>();

/** The same for every repaint of a layout in one colouring. */
export function inksOf({ layout, analysis }: Pick<Scene, 'layout' | 'analysis'>): Inks {
  const { group, source } = analysis.trace;
  const { slices } = analysis;
  const { own } = slices;
  const made = known.get(layout);
  if (made && made.group === group && made.own === own) {
    return made.inks;
  }
  const { order, rowStart, rowHeight, height, from, to, spans } = layout;
  const of = new Uint32Array(order.length);
  const even = new Uint8Array(rowHeight.length).fill(1);
  for (let row = 0; row < rowHeight.length; row++) {
    for (let k = rowStart[row]; k < rowStart[row + 1]; k++) {
      const i = order[k];
      of[k] = i >= spans ? NO_INK : group[i] * 4 + (source[i] === Source.Net ? 2 : 0) + (busyTime(slices, i) > (to[k] - from[k]) * BUSY ? 0 : 1);
      if (height[i] !== rowHeight[row]) {
        even[row] = 0;
      }
    }
  }
  const inks = { of, even };
  known.set(layout, { group, own, inks });
  return inks;
}
