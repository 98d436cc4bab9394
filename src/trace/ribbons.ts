// Which stretch of time in one trace is which in another: for each stretch that a span
// held, the one its match held. What only one trace has comes out of a point of the other.
import type { Analysis } from './analysis';
import type { Match } from './match';

export interface Ribbon {
  /** Rows, -1 where one trace has no such span. */
  rows: [number, number];
  /** From and to in each trace, from the start of its main root. */
  a: [number, number];
  b: [number, number];
}

/** The ribbons in columns, those that differ most last: they are drawn over the others. */
export interface Ribbons {
  length: number;
  rows: [Int32Array, Int32Array];
  a: [Float64Array, Float64Array];
  b: [Float64Array, Float64Array];
}

export const ribbonAt = ({ rows, a, b }: Ribbons, k: number): Ribbon => ({ rows: [rows[0][k], rows[1][k]], a: [a[0][k], a[1][k]], b: [b[0][k], b[1][k]] });

export function ribbonColumns(list: Ribbon[]): Ribbons {
  const sorted = [...list].sort((x, y) => Math.abs(ribbonGain(x)) - Math.abs(ribbonGain(y)));
  return {
    length: sorted.length,
    rows: [Int32Array.from(sorted, (r) => r.rows[0]), Int32Array.from(sorted, (r) => r.rows[1])],
    a: [Float64Array.from(sorted, (r) => r.a[0]), Float64Array.from(sorted, (r) => r.a[1])],
    b: [Float64Array.from(sorted, (r) => r.b[0]), Float64Array.from(sorted, (r) => r.b[1])],
  };
}

export const ribbonGain = (r: Ribbon): number => r.b[1] - r.b[0] - (r.a[1] - r.a[0]);

export function ribbonsOf(a: Analysis, b: Analysis, match: Match): Ribbon[] {
  const [startA, startB] = [a, b].map(({ trace }) => (trace.main < 0 ? 0 : trace.start[trace.main]));
  const ofA = segmentsOf(a);
  const taken = new Uint8Array(a.holders.length);
  const ribbons: Ribbon[] = [];
  const seen = new Map<number, number>(); // how many stretches of a row were matched
  const partner = new Int32Array(a.holders.length).fill(-1);
  for (let k = 0, last = 0; k < b.holders.length; k++) {
    const j = b.holders.span[k];
    const i = match.toA[j];
    const n = seen.get(j) ?? 0;
    seen.set(j, n + 1);
    const at = i < 0 ? undefined : ofA.get(i)?.[n];
    const there: [number, number] = [b.holders.from[k] - startB, b.holders.to[k] - startB];
    if (at === undefined) {
      ribbons.push({ rows: [i, j], a: [last, last], b: there });
      continue;
    }
    taken[at] = 1;
    partner[at] = k;
    last = a.holders.to[at] - startA;
    ribbons.push({ rows: [i, j], a: [a.holders.from[at] - startA, last], b: there });
  }
  for (let k = 0, last = 0; k < a.holders.length; k++) {
    if (taken[k]) {
      last = b.holders.to[partner[k]] - startB;
      continue;
    }
    const i = a.holders.span[k];
    ribbons.push({ rows: [i, match.toB[i]], a: [a.holders.from[k] - startA, a.holders.to[k] - startA], b: [last, last] });
  }
  return ribbons;
}

function segmentsOf({ holders }: Analysis): Map<number, number[]> {
  const of = new Map<number, number[]>();
  for (let k = 0; k < holders.length; k++) {
    const list = of.get(holders.span[k]);
    if (list) {
      list.push(k);
    } else {
      of.set(holders.span[k], [k]);
    }
  }
  return of;
}
