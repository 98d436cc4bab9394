// Arrows walk the tree, not the pixels: down to the first child, up to the parent, left
// and right among siblings. Only what the layout shows is reached.
import type { Layout } from './layout';

export type Step = 'up' | 'down' | 'left' | 'right';

/** The next span from `at` (-1: from nowhere, to the first root), or `at` where there is none. */
export function walk(l: Layout, at: number, step: Step): number {
  if (at < 0 || l.y[at] < 0) {
    return l.roots.length > 0 ? l.roots[0] : -1;
  }
  if (step === 'down') {
    return l.childStart[at + 1] > l.childStart[at] ? l.children[l.childStart[at]] : at;
  }
  const parent = l.shownParent[at];
  if (step === 'up') {
    return parent < 0 ? at : parent;
  }
  const siblings = parent < 0 ? l.roots : l.children.subarray(l.childStart[parent], l.childStart[parent + 1]);
  const k = siblings.indexOf(at) + (step === 'right' ? 1 : -1);
  return k >= 0 && k < siblings.length ? siblings[k] : at;
}
