// Which spans are slow: those to look at where a request took long.
import type { Trace } from '../model';
import { isUnusual, usualOf } from '../usual';

/** A span that took less of the trace is not slow, however unusual. */
const LEAST = 0.01;

/**
 * 1 for each slow span. Slow are the fewest spans that together hold more than half of the time
 * (`held`: what each holds by itself), and those that took more than twice the median of their
 * kind, where the store knows it and it is 1 % of the trace or more.
 */
export function slowSpans(t: Trace, held: Float64Array): Uint8Array {
  const slow = new Uint8Array(t.length);
  const holding = Int32Array.from(held.keys()).filter((i) => held[i] > 0);
  holding.sort((a, b) => held[b] - held[a]);
  const half = holding.reduce((sum, i) => sum + held[i], 0) / 2;
  for (let [k, sum] = [0, 0]; k < holding.length && sum <= half; k++) {
    slow[holding[k]] = 1;
    sum += held[holding[k]];
  }
  if (Object.keys(t.meta.usual).length > 0) {
    const least = (t.to - t.from) * LEAST;
    for (let i = 0; i < t.length; i++) {
      const time = t.end[i] - t.start[i];
      if (time >= least && isUnusual(time, usualOf(t, i))) {
        slow[i] = 1;
      }
    }
  }
  return slow;
}
