// How long a span of its kind takes usually: medians that the store keeps by service, name
// and point. A leg between two points of one request takes what their medians differ by, and
// code what its own median and those of its calls, one after the other, differ by.
import { continuesCall } from './hops';
import { POINT_NAMES, serviceOf } from './model';
import type { Trace } from './model';

/** Median duration of spans like this one, -1 where nobody knows. */
export function usualOf(t: Trace, i: number): number {
  return t.meta.usual[`${serviceOf(t, i)}|${t.text.name[i]}|${POINT_NAMES[t.point[i]]}`] ?? -1;
}

/** What such a span usually holds by itself on a request's way, -1 where nobody knows. */
export function usualOwn(t: Trace, i: number): number {
  const whole = usualOf(t, i);
  if (whole < 0 || t.childStart[i + 1] === t.childStart[i]) {
    return whole;
  }
  for (let k = t.childStart[i]; k < t.childStart[i + 1]; k++) {
    const child = t.children[k];
    if (continuesCall(t, i, child)) {
      const below = usualOf(t, child);
      return below < 0 ? -1 : Math.max(0, whole - below);
    }
  }
  return besideCalls(t, i, whole);
}

function besideCalls(t: Trace, i: number, whole: number): number {
  const now = t.end[i] - t.start[i];
  let [own, ownNow, last] = [whole, now, -Infinity];
  for (let k = t.childStart[i]; k < t.childStart[i + 1]; k++) {
    const child = t.children[k];
    const usual = usualOf(t, child);
    if (usual < 0 || t.start[child] < last) {
      return -1; // what its children usually take together is not known
    }
    own -= usual;
    ownNow -= t.end[child] - t.start[child];
    last = t.end[child];
  }
  // Medians need not add up. What they leave is believed where the whole differs the same way.
  return (own - ownNow) * (whole - now) < 0 ? -1 : Math.max(0, own);
}

/** From here on a time is so unlike the usual that it is said without being asked. */
const MUCH_LONGER = 2;

export const isUnusual = (time: number, usual: number): boolean => usual > 0 && time > usual * MUCH_LONGER;
