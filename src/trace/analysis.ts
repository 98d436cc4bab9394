// Everything that follows from a trace alone and is needed by every view.
import { findCalls, type Calls } from './calls';
import { heldTimes, holdersOf, type Holders } from './holder';
import type { Trace } from './model';
import { sliceSpans, type Slices } from './slices';

export interface Analysis {
  trace: Trace;
  slices: Slices;
  holders: Holders;
  held: { alone: Float64Array; below: Float64Array };
  calls: Calls;
  /** Rows where an error starts. */
  origins: Int32Array;
}

export function analyse(trace: Trace): Analysis {
  const slices = sliceSpans(trace);
  const holders = holdersOf(trace, slices, trace.main);
  return { trace, slices, holders, held: heldTimes(trace, holders), calls: findCalls(trace), origins: trace.order.filter((i) => trace.origin[i] === 1) };
}
