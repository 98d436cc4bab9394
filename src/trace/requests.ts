// The log of a trace's requests: every call with the time it took between each two points
// of its way.
import type { Analysis } from './analysis';
import { hopsOf, ladderOf, type Ladder, type Leg } from './calls';
import { POINT_NAMES } from './model';
import { LEGS, type LegName, type Ways } from './ways';

/** A request as its row shows it. */
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

export function requestOf({ trace, calls }: Analysis, call: number): RequestRow {
  const hops = hopsOf(calls, call);
  const ladder = ladderOf(trace, hops);
  const legs = new Map<string, Leg>();
  ladder.legs.forEach((leg, k) => leg && legs.set(legName(ladder, k), leg));
  return { call, row: hops[0], ladder, start: trace.start[hops[0]] - trace.from, onTheWay: ladder.there + ladder.back, legs };
}

const legName = ({ rungs }: Ladder, k: number): string => `${POINT_NAMES[rungs[k].point]} → ${POINT_NAMES[rungs[k + 1].point]}`;

/** The legs that any of the requests has, in the order of the way. */
export const seenLegs = ({ legs }: Ways): LegName[] => LEGS.filter((_, l) => legs.some((time, k) => k % LEGS.length === l && time >= 0));

export type SortKey = 'start' | 'duration' | 'inside' | 'way' | LegName;

/** All calls, the earliest first, or the one that took longest. */
export function sortedCalls({ trace, calls }: Analysis, ways: Ways, key: SortKey): Int32Array {
  const times = Float64Array.from({ length: calls.count }, (_, call) => timeOf(trace.start[calls.rows[calls.first[call]]], ways, key, call));
  return Int32Array.from(times.keys()).sort((a, b) => times[b] - times[a] || calls.rows[calls.first[a]] - calls.rows[calls.first[b]]);
}

function timeOf(start: number, ways: Ways, key: SortKey, call: number): number {
  switch (key) {
    case 'start':
      return -start; // the earliest first, everything else the largest
    case 'duration':
      return ways.total[call];
    case 'inside':
      return ways.inside[call];
    case 'way':
      return ways.onTheWay[call];
  }
  return ways.legs[call * LEGS.length + LEGS.indexOf(key)];
}
