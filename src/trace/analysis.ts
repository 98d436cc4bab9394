// Everything that follows from a trace alone and is needed by every view.
import { findCalls, type Calls } from './calls';
import type { Clocks } from './clocks';
import type { FrameLike } from './columns';
import { slowSpans } from './find/slow';
import { heldTimes, holdersOf, type Holders } from './holder';
import { findKinds, type Kinds } from './kinds';
import { findWorks, type Works } from './equal';
import type { Trace } from './model';
import { accountOf, type Account } from './parts';
import { cutSlices } from './cut';
import type { Slices } from './slices';

/** What a trace is read from, by whoever has none at hand: a worker, too. */
export interface TraceSource {
  frame: FrameLike;
  clocks: Clocks;
}

export interface Analysis {
  trace: Trace;
  slices: Slices;
  holders: Holders;
  held: { alone: Float64Array; below: Float64Array };
  calls: Calls;
  /** Which spans do the same work. */
  works: Works;
  /** Which spans are alike. */
  kinds: Kinds;
  /** Rows where an error starts. */
  origins: Int32Array;
  /** 1 for each slow span. */
  slow: Uint8Array;
  /** Where the time of the whole trace went. */
  account: Account;
  /** Undefined of a trace that was made up, as the usual one. */
  source?: TraceSource;
}

export function analyse(trace: Trace): Analysis {
  const slices = cutSlices(trace);
  const holders = holdersOf(trace, slices, trace.main);
  const held = heldTimes(trace, holders);
  const calls = findCalls(trace);
  const kinds = findKinds(trace);
  const works = findWorks(trace);
  const account = accountOf({ trace, slices, works }, holders, trace.main);
  const slow = slowSpans(trace, held.alone);
  return { trace, slices, holders, held, calls, kinds, works, slow, account, origins: trace.order.filter((i) => trace.origin[i] === 1) };
}
