// Two sets of spans to compare: those that somebody has chosen and others of their kind, or the
// slow and the fast ones among them.
import type { Kinds } from './kinds';
import type { Trace } from './model';

export type Against = 'rest' | 'slow' | 'failed';

export interface Sides {
  /** Rows, at most MOST_COMPARED on each side, evenly spread over all. */
  selected: number[];
  others: number[];
  /** How many there are. */
  all: [selected: number, others: number];
}

/** Spans of each side that the data source is asked of. */
export const MOST_COMPARED = 4000;

/**
 * What `rows` are compared against. The rest are other spans of their kinds, so that not what
 * they are but what they have is compared; where all of a kind are chosen, all other spans.
 * Slow is who takes longer than the median of its kind among them.
 */
export function sidesOf(t: Trace, kinds: Kinds, rows: ArrayLike<number>, against: Against): Sides {
  const [selected, others] = against === 'rest' ? fromRest(t, kinds, rows) : against === 'slow' ? halves(t, kinds, rows) : parted(rows, (i) => t.error[i] === 1);
  return { selected: spread(selected), others: spread(others), all: [selected.length, others.length] };
}

function fromRest(t: Trace, kinds: Kinds, rows: ArrayLike<number>): [number[], number[]] {
  const chosen = new Uint8Array(t.length);
  const wanted = new Uint8Array(kinds.count);
  for (let k = 0; k < rows.length; k++) {
    chosen[rows[k]] = 1;
    wanted[kinds.of[rows[k]]] = 1;
  }
  const all = Array.from({ length: t.length }, (_, i) => i);
  const alike = all.filter((i) => !chosen[i] && wanted[kinds.of[i]]);
  return [Array.from(rows), alike.length > 0 ? alike : all.filter((i) => !chosen[i])];
}

function halves(t: Trace, kinds: Kinds, rows: ArrayLike<number>): [number[], number[]] {
  const byKind = new Map<number, number[]>();
  for (let k = 0; k < rows.length; k++) {
    const kind = kinds.of[rows[k]];
    (byKind.get(kind) ?? byKind.set(kind, []).get(kind)!).push(rows[k]);
  }
  const [slow, fast]: [number[][], number[][]] = [[], []];
  for (const list of byKind.values()) {
    if (list.length > 1) {
      list.sort((a, b) => t.end[a] - t.start[a] - (t.end[b] - t.start[b]));
      const half = list.length >> 1;
      fast.push(list.slice(0, half));
      slow.push(list.slice(half));
    }
  }
  return [slow.flat(), fast.flat()];
}

function parted(rows: ArrayLike<number>, is: (row: number) => boolean): [number[], number[]] {
  const all = Array.from(rows);
  return [all.filter(is), all.filter((i) => !is(i))];
}

const spread = (rows: number[]): number[] => (rows.length <= MOST_COMPARED ? rows : Array.from({ length: MOST_COMPARED }, (_, k) => rows[Math.floor((k * rows.length) / MOST_COMPARED)]));
