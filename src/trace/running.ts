// How many spans of a group ran at each instant, from its sorted starts and ends: as many
// as have started less as many as have ended. Asked for pixel by pixel, so the searches go
// on from where the last one ended.
import type { Alike } from './alike';
import { firstFrom, firstFromNear } from './bisect';

const FEW = 8; // summed one by one, exactly; more by differences of the running sums

/** Fills in the mean number that ran in each of `out.length` steps of time, and -1 where none did. */
export function meanRunning(a: Alike, g: number, from: number, step: number, out: Float32Array): void {
  const [first, last] = [a.memberStart[g], a.memberStart[g + 1]];
  let s = firstFrom(a.starts, from, first, last); // all before have started
  let e = firstFrom(a.ends, from, first, last); // all before have ended
  for (let k = 0; k < out.length; k++) {
    const until = from + step * (k + 1);
    const started = firstFromNear(a.starts, until, s, last, 1);
    const ended = firstFromNear(a.ends, until, e, last, 1);
    const time = (s - e) * step + timeUntil(a.starts, a.startSums, s, started, first, until) - timeUntil(a.ends, a.endSums, e, ended, first, until);
    out[k] = time > 0 || started > s ? Math.max(0, time / step) : -1;
    s = started;
    e = ended;
  }
}

// Sum of the times from each of the values to `until`.
function timeUntil(values: Float64Array, sums: Float64Array, from: number, to: number, first: number, until: number): number {
  if (to - from > FEW) {
    return (to - from) * until - (sums[to - 1] - (from > first ? sums[from - 1] : 0));
  }
  let time = 0;
  for (let k = from; k < to; k++) {
    time += until - values[k];
  }
  return time;
}
