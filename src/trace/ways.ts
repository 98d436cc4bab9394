// The way of every call in numbers: how long its request and its answer took between each two
// points that follow each other. A large trace has tens of thousands of calls; a ladder is
// made (calls.ts) of those that are shown.
import { hopsOf, type Calls } from './calls';
import { isAcross } from './hops';
import { Point, type Trace } from './model';
import { calleeName, callerName } from './owner';

/** The legs that a call may have, in the order of the way. */
export const LEGS = ['c-p → c', 'c → c-nd', 'c-nd → s-nd', 's-nd → s', 'c → s', 's → s-p'] as const;
export type LegName = (typeof LEGS)[number];

/** By call, times in nanoseconds. */
export interface Ways {
  /** Kernel, queue and network, there and back. */
  onTheWay: Float64Array;
  /** Duration at the callee's process, -1 where it was not seen. */
  inside: Float64Array;
  /** Duration at the first point. */
  total: Float64Array;
  /** Of leg l of call c, there and back: legs[c * LEGS.length + l]; -1 where it was not seen. */
  legs: Float64Array;
}

export function waysOf(t: Trace, calls: Calls): Ways {
  const [onTheWay, inside, total] = [0, 1, 2].map(() => new Float64Array(calls.count));
  const legs = new Float64Array(calls.count * LEGS.length).fill(-1);
  for (let c = 0; c < calls.count; c++) {
    const hops = hopsOf(calls, c);
    const [first, last] = [hops[0], hops[hops.length - 1]];
    const across = isAcross(t, hops);
    for (let k = 1; k < hops.length; k++) {
      const leg = legBetween(t.point[hops[k - 1]], t.point[hops[k]], across);
      if (leg >= 0) {
        const time = Math.max(0, t.start[hops[k]] - t.start[hops[k - 1]]) + Math.max(0, t.end[hops[k - 1]] - t.end[hops[k]]);
        legs[c * LEGS.length + leg] = time;
        onTheWay[c] += time;
      }
    }
    inside[c] = t.point[last] === Point.ServerProcess ? t.end[last] - t.start[last] : -1;
    total[c] = t.end[first] - t.start[first];
  }
  return { onTheWay, inside, total, legs };
}

// Points that follow each other on the way; between others something was not seen.
function legBetween(from: Point, to: Point, across: boolean): number {
  if (!across && from === Point.Client && to === Point.Server) {
    return 4;
  }
  if (to !== from + 1) {
    return -1;
  }
  return from < Point.Server ? from : 5;
}

/** Calls that were seen at more than one point, the most time on the way first. */
export function callsByWay({ count, first }: Calls, { onTheWay }: Ways): Int32Array {
  const several = new Int32Array(count);
  let n = 0;
  for (let c = 0; c < count; c++) {
    if (first[c + 1] - first[c] > 1) {
      several[n++] = c;
    }
  }
  return several.subarray(0, n).sort((a, b) => onTheWay[b] - onTheWay[a] || a - b);
}

/** All calls between the same two ends. */
export interface Route {
  from: string;
  to: string;
  /** First and last row of the longest of them, which tell nodes and services of the ends. */
  ends: [number, number];
  count: number;
  onTheWay: number;
  /** The call with the most time on the way. */
  longest: number;
}

/** Who calls whom, the most time on the way first; `listed` are the calls in that order. */
export function routesOf(t: Trace, calls: Calls, { onTheWay }: Ways, listed: Int32Array): Route[] {
  const byEnds = new Map<string, Map<string, Route>>();
  const routes: Route[] = [];
  for (const call of listed) {
    const hops = hopsOf(calls, call);
    const ends: [number, number] = [hops[0], hops[hops.length - 1]];
    const [from, to] = [callerName(t, ends[0]), calleeName(t, ends[1])];
    let known = byEnds.get(from);
    if (!known) {
      byEnds.set(from, (known = new Map()));
    }
    let route = known.get(to);
    if (!route) {
      known.set(to, (route = { from, to, ends, count: 0, onTheWay: 0, longest: call }));
      routes.push(route);
    }
    route.count++;
    route.onTheWay += onTheWay[call];
  }
  return routes.sort((a, b) => b.onTheWay - a.onTheWay);
}
