// Where the time went: the holders' segments of a range, summed by layer and by service.
// Segments do not overlap and leave no gap, so the parts add up exactly.
import { firstEndingAfter, type Holders } from './holder';
import { ownerOf } from './owner';
import { readingText } from './reading';
import { groupOf, Layer, LAYERS } from './model';
import type { Trace } from './model';
import { rowOfSlice, type Slices } from './slices';

/** A share of the time: one layer, and for code, waiting and kernel one group: a service, or what colour stands for ('' for none). */
export interface Part {
  layer: Layer;
  group: string;
  time: number;
}

interface Breakdown {
  /** The part of the range that the trace covers; the sum of all parts. */
  total: number;
  layers: Record<Layer, number>;
  /** By layer, then the largest first. */
  parts: Part[];
}

/** Name that a slice is counted and coloured under, '' for nobody. */
export function ownerGroup(t: Trace, s: Slices, span: number, slice: number): string {
  const owner = ownerOf(t, rowOfSlice(s, slice, span), s.before[slice], s.after[slice], s.layer[slice]);
  return owner < 0 ? '' : groupOf(t, owner);
}

/** Time that a service is answerable for; the network and what nobody saw are nobody's. */
export const isOwned = (layer: Layer): boolean => layer === Layer.Code || layer === Layer.Kernel || layer === Layer.Waiting;

export function breakDown(t: Trace, s: Slices, h: Holders, from = -Infinity, to = Infinity): Breakdown {
  const layers: Record<Layer, number> = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 };
  const sums = new Map<string, Part>();
  let total = 0;
  for (let k = firstEndingAfter(h, from); k < h.length && h.from[k] < to; k++) {
    const time = Math.min(to, h.to[k]) - Math.max(from, h.from[k]);
    const layer = s.layer[h.slice[k]] as Layer;
    const group = isOwned(layer) ? ownerGroup(t, s, h.span[k], h.slice[k]) : '';
    const key = `${layer}|${group}`;
    const part = sums.get(key) ?? { layer, group, time: 0 };
    part.time += time;
    sums.set(key, part);
    layers[layer] += time;
    total += time;
  }
  const parts = [...sums.values()].sort((a, b) => LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer) || b.time - a.time || (a.group < b.group ? -1 : 1));
  return { total, layers, parts };
}

export const describeHold = (s: Slices, slice: number): string => readingText(s.readings[s.reading[slice]]);

export const presentLayers = (b: Breakdown): Layer[] => LAYERS.filter((l) => l === Layer.Code || b.layers[l] > 0);
