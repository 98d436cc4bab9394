// The log of a trace's requests: every call with the time it took between each two points
// of its way.
import type { Analysis } from './analysis';
import { ladderOf, type Ladder, type Leg } from './calls';
import { POINT_NAMES } from './model';

export interface RequestRow {
  call: number;
  /** First row of the call. */
  row: number;
  ladder: Ladder;
  start: number;
  onTheWay: number;
  /** Legs by "c-p → c"; the way inside one node goes from c to s directly. */
  legs: Map<string, Leg>;
}

export function requestLog({ trace, calls }: Analysis): RequestRow[] {
  return calls.hops.map((hops, call) => {
    const ladder = ladderOf(trace, hops);
    const legs = new Map<string, Leg>();
    ladder.legs.forEach((leg, k) => leg && legs.set(legName(ladder, k), leg));
    return { call, row: hops[0], ladder, start: trace.start[hops[0]] - trace.from, onTheWay: ladder.there + ladder.back, legs };
  });
}

const legName = ({ rungs }: Ladder, k: number): string => `${POINT_NAMES[rungs[k].point]} → ${POINT_NAMES[rungs[k + 1].point]}`;

/** The legs that any of the requests has, in the order of the way. */
export const LEGS = ['c-p → c', 'c → c-nd', 'c-nd → s-nd', 's-nd → s', 'c → s', 's → s-p'] as const;

export type SortKey = 'start' | 'duration' | 'inside' | 'way' | (typeof LEGS)[number];

export function sortRequests(rows: readonly RequestRow[], key: SortKey): RequestRow[] {
  const value = (r: RequestRow): number => {
    switch (key) {
      case 'start':
        return -r.start; // the earliest first, everything else the largest
      case 'duration':
        return r.ladder.total;
      case 'inside':
        return r.ladder.inside;
      case 'way':
        return r.onTheWay;
      default: {
        const leg = r.legs.get(key);
        return leg ? leg.request + leg.response : -1;
      }
    }
  };
  return [...rows].sort((a, b) => value(b) - value(a) || a.row - b.row);
}
