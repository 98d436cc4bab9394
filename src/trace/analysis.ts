// Everything that follows from a trace alone and is needed by every view.
import { callSteps, type Calls } from './calls';
import { heldTimes, holderSteps, type Holders } from './holder';
import { kindSteps, type Kinds } from './kinds';
import { workSteps, type Works } from './equal';
import type { Trace } from './model';
import { runSteps, type Steps } from './steps';
import { sliceSteps } from './cut';
import type { Slices } from './slices';

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
}

export const analyse = (trace: Trace): Analysis => runSteps(analysisSteps(trace));

export function* analysisSteps(trace: Trace): Steps<Analysis> {
  const slices = yield* sliceSteps(trace);
  yield;
  const holders = yield* holderSteps(trace, slices, trace.main);
  yield;
  const held = heldTimes(trace, holders);
  yield;
  const calls = yield* callSteps(trace);
  yield;
  const kinds = yield* kindSteps(trace);
  yield;
  const works = yield* workSteps(trace);
  return { trace, slices, holders, held, calls, kinds, works, origins: trace.order.filter((i) => trace.origin[i] === 1) };
}
