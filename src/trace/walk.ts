// Arrows walk the tree, not the pixels: down to the first child, up to the parent, left
// and right among siblings. Only what the layout shows is reached. A bar of alike spans is
// walked to by its longest span; the heading of an open group is passed by.
import { barOf, groupAt, type Layout } from './layout';

export type Step = 'up' | 'down' | 'left' | 'right';

/** The next span from `at` (-1: from nowhere, to the first root), or `at` where there is none. */
export function walk(l: Layout, at: number, step: Step): number {
  const bar = barOf(l, at);
  if (bar < 0) {
    const first = l.roots.length > 0 ? entered(l, l.roots[0], 0) : -1;
    return first < 0 ? -1 : spanToSelect(l, first);
  }
  const to = nextBar(l, bar, step);
  return to < 0 || to === bar ? at : spanToSelect(l, to);
}

const isHeading = (l: Layout, bar: number): boolean => groupAt(l, bar) >= 0 && l.alike!.open[groupAt(l, bar)] === 1;

const siblingsOf = (l: Layout, bar: number): Int32Array => {
  const parent = l.shownParent[bar];
  return parent < 0 ? l.roots : childrenOf(l, parent);
};

const childrenOf = (l: Layout, bar: number): Int32Array => l.children.subarray(l.childStart[bar], l.childStart[bar + 1]);

/** The bar itself, or the first (or last) of the open group that it heads. */
function entered(l: Layout, bar: number, end: 0 | -1): number {
  return isHeading(l, bar) ? (childrenOf(l, bar).at(end) ?? -1) : bar;
}

function nextBar(l: Layout, bar: number, step: Step): number {
  const parent = l.shownParent[bar];
  switch (step) {
    case 'down':
      return l.childStart[bar + 1] > l.childStart[bar] ? entered(l, l.children[l.childStart[bar]], 0) : -1;
    case 'up':
      return parent >= 0 && isHeading(l, parent) ? l.shownParent[parent] : parent;
    default: {
      const move = step === 'right' ? 1 : -1;
      const siblings = siblingsOf(l, bar);
      const k = siblings.indexOf(bar) + move;
      if (k >= 0 && k < siblings.length) {
        return entered(l, siblings[k], move > 0 ? 0 : -1);
      }
      return parent >= 0 && isHeading(l, parent) ? nextBar(l, parent, step) : -1;
    }
  }
}

/** The span that is selected for a bar: its own, or the longest of a group. */
function spanToSelect(l: Layout, bar: number): number {
  const group = groupAt(l, bar);
  return group < 0 ? bar : l.alike!.longest[group];
}
