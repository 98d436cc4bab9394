// How long a bar is, as a share of its column.
import { t } from '../language/t';

export type Scale = 'linear' | 'log' | 'equal';

/** What can be chosen, in words. */
export const scales = (): Array<{ value: Scale; label: string; title: string }> => [
  { value: 'linear', label: t('list.linear', 'Linear'), title: t('list.linear-help', 'Twice as long takes twice the width') },
  { value: 'log', label: t('list.log', 'Log'), title: t('list.log-help', 'Ten times as long takes the same step: short ones can be compared beside long ones') },
  { value: 'equal', label: t('list.equal', 'Equal'), title: t('list.equal-help', 'Every bar fills its column: compares how the time is split') },
];

interface Extent {
  min: number; // the shortest that took any time
  max: number;
}

export function extentOf(times: Iterable<number>): Extent {
  let [min, max] = [Infinity, 0];
  for (const t of times) {
    if (t > 0) {
      min = Math.min(min, t);
      max = Math.max(max, t);
    }
  }
  return { min: Number.isFinite(min) ? min : 0, max };
}

/** The share of the column that a bar takes, 0 to 1. */
export function barShare(scale: Scale, { min, max }: Extent, time: number): number {
  if (!(time > 0) || !(max > 0)) {
    return 0;
  }
  if (scale === 'equal') {
    return 1;
  }
  if (scale === 'linear') {
    return Math.min(1, time / max);
  }
  // The axis begins at a tenth of the shortest, so that this one has a length, too.
  const floor = min / 10;
  return Math.min(1, Math.max(0, Math.log(time / floor) / Math.log(max / floor)));
}
