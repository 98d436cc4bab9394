// Clocks of nodes differ. Unless asked otherwise times are drawn raw, but where they
// contradict a session: a request that arrives before it was sent, or an answer. Then every
// node's estimated offset is taken off, as the backend does for its own sums; it says so.

interface Times {
  start: Float64Array;
  end: Float64Array;
  /** Start of the response; 0 where it is not known. */
  response: Float64Array;
  node: ArrayLike<string>;
}

/** Times as the nodes' clocks told them, with their offsets taken off, or whichever the times need. */
export type Clocks = 'auto' | 'raw' | 'aligned';

/** Aligns the times in place and returns true, or leaves them and returns false. */
export function alignClocks(t: Times, { offsets, aligned }: { offsets: Record<string, number>; aligned: boolean }, clocks: Clocks = 'auto'): boolean {
  if (clocks === 'raw' || !Object.values(offsets).some((ns) => ns !== 0) || (clocks === 'auto' && !aligned)) {
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
