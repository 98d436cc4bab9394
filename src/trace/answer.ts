// When the request was answered, and what of the trace lies outside of it: work that goes on
// after the answer, or began before.
import type { Trace } from './model';

/** Share of the request that what lies outside of it has at least to be told of. */
const NOTABLE = 0.02;
/** Share of the request that is shown beside it, so that its edges are seen. */
const MARGIN = 0.015;

export interface Answer {
  /** The request: the main root's interval. */
  from: number;
  to: number;
  /** Time that the trace goes on before and after it, in nanoseconds; 0 where it is not worth a word. */
  before: number;
  after: number;
  /** What to show at first. */
  home: { from: number; to: number };
}

export function answerOf(t: Trace): Answer {
  const whole = { from: t.from, to: t.to };
  // Where the root is missing nobody knows when the request was answered.
  if (t.main < 0 || t.text.orphan[t.main] || t.end[t.main] <= t.start[t.main]) {
    return { ...whole, before: 0, after: 0, home: whole };
  }
  const [from, to] = [t.start[t.main], t.end[t.main]];
  const time = to - from;
  const notable = (outside: number) => (outside > time * NOTABLE ? outside : 0);
  const [before, after] = [notable(from - t.from), notable(t.to - to)];
  return { from, to, before, after, home: { from: before > 0 ? from - time * MARGIN : t.from, to: after > 0 ? to + time * MARGIN : t.to } };
}
