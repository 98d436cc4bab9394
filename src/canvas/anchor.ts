import type { Layout } from '../trace/layout';
import type { Trace } from '../trace/model';

/** The span itself, or the nearest shown ancestor of one that is hidden; -1 for none. */
export function anchorOf(t: Trace, l: Layout, span: number): number {
  let i = span;
  while (i >= 0 && l.y[i] < 0) {
    i = t.parent[i];
  }
  return i;
}
