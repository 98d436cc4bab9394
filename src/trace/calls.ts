// A call is one request seen at several points: the chain of hops c-p … s-p. The hop
// ladder, the label of the strands and the hop path view are all drawn from it.
import { continuesCall, expectedPoints, isAcross, isHop } from './hops';
import { calleeName, callerName } from './owner';
import { Layer, Point, Source } from './model';
import type { Trace } from './model';

export interface Calls {
  /** Call of each row, -1 where it is none. */
  of: Int32Array;
  count: number;
  /** Rows of call c in path order: rows[first[c]] up to rows[first[c + 1]]; see `hopsOf`. */
  first: Int32Array;
  rows: Int32Array;
}

/** Rows of a call in path order, none of a call that is not there. */
export const hopsOf = (c: Calls, call: number): Int32Array => (call >= 0 && call < c.count ? c.rows.subarray(c.first[call], c.first[call + 1]) : NO_HOPS);

const NO_HOPS = new Int32Array(0);

export function findCalls(t: Trace): Calls {
  const of = new Int32Array(t.length).fill(-1);
  const first = [0];
  const rows = new Int32Array(t.length);
  let used = 0;
  for (let k = 0; k < t.length; k++) {
    const i = t.order[k];
    if (!isHop(t, i) || of[i] >= 0) {
      continue;
    }
    for (let j = i; j >= 0; j = nextHop(t, j)) {
      of[j] = first.length - 1;
      rows[used++] = j;
    }
    first.push(used);
  }
  return { of, count: first.length - 1, first: Int32Array.from(first), rows: rows.slice(0, used) };
}

function nextHop(t: Trace, i: number): number {
  for (let k = t.childStart[i]; k < t.childStart[i + 1]; k++) {
    if (continuesCall(t, i, t.children[k])) {
      return t.children[k];
    }
  }
  return -1;
}

/** One point of the ladder; row -1 where nobody saw it. */
export interface Rung {
  row: number;
  point: Point;
}

/** The time between two points that follow each other, there and back. */
export interface Leg {
  layer: Layer;
  request: number;
  response: number;
  /** Service that a kernel leg belongs to; row of the process, -1 for none. */
  owner: number;
  across: boolean;
}

export interface Ladder {
  rungs: Rung[];
  /** legs[k] lies between rungs[k] and rungs[k + 1]; undefined where one was not seen. */
  legs: Array<Leg | undefined>;
  across: boolean;
  tunnel: string;
  from: string;
  to: string;
  request: string;
  protocol: string;
  /** Sums of the legs that were seen. */
  there: number;
  back: number;
  kernel: number;
  network: number;
  /** Duration at the callee's process, -1 where it was not seen. */
  inside: number;
  total: number;
}

export function ladderOf(t: Trace, hops: Int32Array): Ladder {
  const across = isAcross(t, hops);
  const rungs = rungsOf(t, hops, across);
  const legs = rungs.slice(1).map((b, k) => legOf(t, rungs[k], b));
  const seen = legs.filter((leg): leg is Leg => leg !== undefined);
  const sum = (of: (leg: Leg) => number) => seen.reduce((total, leg) => total + of(leg), 0);
  const first = hops[0];
  const last = hops[hops.length - 1];
  return {
    rungs,
    legs,
    across,
    tunnel: tunnelOf(t, hops),
    from: callerName(t, first),
    to: calleeName(t, last),
    request: t.text.request[first] || t.text.name[first],
    protocol: t.text.protocol[first],
    there: sum((leg) => leg.request),
    back: sum((leg) => leg.response),
    kernel: sum((leg) => (leg.layer === Layer.Kernel ? leg.request + leg.response : 0)),
    network: sum((leg) => (leg.layer === Layer.Network ? leg.request + leg.response : 0)),
    inside: t.point[last] === Point.ServerProcess ? t.end[last] - t.start[last] : -1,
    total: t.end[first] - t.start[first],
  };
}

export const tunnelOf = (t: Trace, hops: ArrayLike<number>): string => {
  for (let k = 0; k < hops.length; k++) {
    if (t.text.tunnel[hops[k]]) {
      return t.text.tunnel[hops[k]].toUpperCase();
    }
  }
  return '';
};

// Points that should be there and are not get a rung too: what was not seen must be seen.
function rungsOf(t: Trace, hops: Int32Array, across: boolean): Rung[] {
  const rungs: Rung[] = [];
  let k = 0;
  for (const point of expectedPoints(across)) {
    if (k < hops.length && t.point[hops[k]] === point) {
      rungs.push({ row: hops[k++], point });
    } else {
      rungs.push({ row: -1, point });
    }
  }
  return rungs;
}

function legOf(t: Trace, a: Rung, b: Rung): Leg | undefined {
  if (a.row < 0 || b.row < 0) {
    return undefined;
  }
  const owner = t.source[b.row] === Source.Sys ? b.row : t.source[a.row] === Source.Sys ? a.row : -1;
  return {
    layer: owner >= 0 ? Layer.Kernel : Layer.Network,
    request: Math.max(0, t.start[b.row] - t.start[a.row]),
    response: Math.max(0, t.end[a.row] - t.end[b.row]),
    owner,
    across: t.text.node[a.row] !== t.text.node[b.row],
  };
}
