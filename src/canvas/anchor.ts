import { barOf, type Layout } from '../trace/layout';
import type { Trace } from '../trace/model';

/** The span itself, or the nearest ancestor that has a bar of its own; -1 for none. */
export function anchorOf(t: Trace, l: Layout, span: number): number {
  let i = span;
  while (i >= 0 && l.y[i] < 0) {
    if (barOf(l, i) >= 0) {
      return -1; // one of many in a bar
    }
    i = t.parent[i];
  }
  return i;
}

/** Whether nothing lies under a part of a bar: below groups of spans children reach over it. */
export function freeBelow(l: Layout, bar: number, from: number, to: number): boolean {
  for (let k = l.alike ? l.childStart[bar] : l.childStart[bar + 1]; k < l.childStart[bar + 1]; k++) {
    const child = l.children[k];
    if (child >= l.spans && l.start[child] < to && l.end[child] > from) {
      return false;
    }
  }
  return true;
}
