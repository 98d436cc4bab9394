// Places in sorted lists, by halving. Times come in long lists that are asked pixel by pixel:
// who goes on from the last answer looks near by first.

/** The first place from `lo` on and before `hi` whose value is above the limit; `hi` where none is. */
export function firstAbove(values: ArrayLike<number>, limit: number, lo: number, hi: number): number {
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (values[mid] <= limit) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

/** The same of values that are not below the limit. */
export function firstFrom(values: ArrayLike<number>, limit: number, lo: number, hi: number): number {
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (values[mid] < limit) {
      lo = mid + 1;
    } else {
      hi = mid;
    }
  }
  return lo;
}

/** As firstAbove, in steps that double from the first one on. */
export function firstAboveNear(values: ArrayLike<number>, limit: number, lo: number, hi: number, step: number): number {
  while (lo + step < hi && values[lo + step] <= limit) {
    lo += step;
    step *= 2;
  }
  return firstAbove(values, limit, lo, Math.min(hi, lo + step));
}

/** As firstFrom, in steps that double from the first one on. */
export function firstFromNear(values: ArrayLike<number>, limit: number, lo: number, hi: number, step: number): number {
  while (lo + step < hi && values[lo + step] < limit) {
    lo += step;
    step *= 2;
  }
  return firstFrom(values, limit, lo, Math.min(hi, lo + step));
}
