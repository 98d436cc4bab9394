// Clocks of nodes differ. Unless asked otherwise times are drawn raw, but where they contradict a session: a request
// that arrives before it was sent, or an answer. Then every node's estimated offset is
// taken off, as the server does for its own sums.
import { Point, Source } from './model';

export interface Times {
  parents: ArrayLike<number>;
  start: Float64Array;
  end: Float64Array;
  /** Start of the response; 0 where it is not known. */
  response: Float64Array;
  point: Uint8Array;
  source: Uint8Array;
  node: ArrayLike<string>;
}

/** Aligns the times in place and returns true, or leaves them and returns false. */
export function alignClocks(t: Times, offsets: Record<string, number>, clocks: 'auto' | 'raw' | 'aligned' = 'auto'): boolean {
  if (clocks === 'raw' || !Object.values(offsets).some((ns) => ns !== 0) || (clocks === 'auto' && !contradictory(t))) {
    return false;
  }
  for (let i = 0; i < t.start.length; i++) {
    const ahead = offsets[t.node[i]] ?? 0;
    t.start[i] -= ahead;
    t.end[i] -= ahead;
    if (t.response[i] > 0) {
      t.response[i] -= ahead;
    }
  }
  return true;
}

function contradictory(t: Times): boolean {
  for (let i = 0; i < t.start.length; i++) {
    const p = t.parents[i];
    const hops = p >= 0 && p < t.start.length && t.source[i] !== Source.App && t.source[p] !== Source.App && t.point[i] > t.point[p] && t.point[i] <= Point.ServerProcess;
    if (!hops || t.node[i] === t.node[p]) {
      continue;
    }
    if (t.start[i] < t.start[p] || (t.response[i] > 0 && t.response[p] > 0 && t.response[p] < t.response[i])) {
      return true;
    }
  }
  return false;
}
