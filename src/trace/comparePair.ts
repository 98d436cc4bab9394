// What is said of one span of a comparison, and which bars have nothing to say.
import type { Analysis } from './analysis';
import { shownDifference, type Comparison } from './compare';
import { formatTime, signedTime } from './format';
import { labelOf } from './label';
import { serviceOf } from './model';
import type { Trace } from './model';

interface PairWords {
  name: string;
  where: string;
  /** Durations and own times, there and here; -1 where there is no such span. */
  durations: [number, number];
  own: [number, number];
  /** Time it holds longer here on the way that decides the duration. */
  held: number;
  /** "12.3 ms, there 1.1 ms, +11.2 ms own time" */
  said: string;
}

export function pairWords(c: Comparison, a: Analysis, b: Analysis, [i, j]: [number, number]): PairWords {
  const side = j >= 0 ? b : a;
  const row = j >= 0 ? j : i;
  const time = ({ trace }: Analysis, k: number) => (k < 0 ? -1 : trace.end[k] - trace.start[k]);
  const durations: [number, number] = [time(a, i), time(b, j)];
  const own: [number, number] = [i < 0 ? -1 : a.slices.own[i], j < 0 ? -1 : b.slices.own[j]];
  const gain = shownDifference([Math.max(0, own[0]), Math.max(0, own[1])]);
  const here = j < 0 ? 'not in this trace' : formatTime(durations[1]);
  const there = i < 0 ? 'not there' : `there ${formatTime(durations[0])}`;
  return {
    name: labelOf(side.trace, row),
    where: [serviceOf(side.trace, row), side.trace.text.node[row]].filter(Boolean).join(' · '),
    durations,
    own,
    held: j >= 0 ? c.gains[1][j] : c.gains[0][i],
    said: `${here}, ${there}, ${signedTime(gain)} own time`,
  };
}

/**
 * What bars are coloured by: the time held longer, and for spans beside the way that
 * decides the duration half of what their own time is longer.
 */
export function tints(c: Comparison, a: Analysis, b: Analysis): [Float64Array, Float64Array] {
  const tint = (side: 0 | 1, other: ArrayLike<number>): Float64Array =>
    c.gains[side].map((gain, i) => {
      const own = [a, b][side].slices.own[i];
      const there = other[i] < 0 ? 0 : [b, a][side].slices.own[other[i]];
      return gain !== 0 ? gain : (side === 1 ? own - there : there - own) / 2;
    });
  return [tint(0, c.match.toB), tint(1, c.match.toA)];
}

/** Spans to fold because nothing below them differs by more than `least` or is without a match. */
export function foldAlike(t: Trace, tint: Float64Array, match: Int32Array, least: number): ReadonlySet<number> {
  const differs = new Uint8Array(t.length); // the span, or one below it
  const folded = new Set<number>();
  for (let k = t.length - 1; k >= 0; k--) {
    const i = t.order[k];
    if (!differs[i] && t.childStart[i + 1] > t.childStart[i]) {
      folded.add(i); // only its own difference is left to look at
    }
    if (differs[i] || match[i] < 0 || Math.abs(tint[i]) > least) {
      if (t.parent[i] >= 0) {
        differs[t.parent[i]] = 1;
      }
    }
  }
  return folded;
}
