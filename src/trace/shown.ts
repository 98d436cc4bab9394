// Which spans a layout shows, and the tree of them: children of a hidden span move up.
import type { Trace } from './model';
import { sortByStart } from './tree';

/** What a layout reads of a trace: numbers only, so that it can be made in a worker. */
export type LayoutColumns = Pick<Trace, 'length' | 'parent' | 'order' | 'start' | 'end' | 'source' | 'confidence' | 'missing' | 'error' | 'origin'>;

export interface ShownOptions {
  /** Which of APP, SYS, NET are shown; children of a hidden span move up. */
  layers: readonly [boolean, boolean, boolean];
  /** 1 for each span that is left out; null for none. */
  hidden?: Uint8Array | null;
  collapsed: ReadonlySet<number>;
  /** Row of the subtree to show alone, -1 for all. */
  focus: number;
}

/** Bars and what is under what. A bar is a span, or (from the trace's length on) a group of them. */
export interface BarTree {
  /** Shown bars, parents before their children. */
  order: Int32Array;
  /** Nearest shown ancestor, -1 for none. */
  shownParent: Int32Array;
  /** Children of bar i: children[childStart[i]] up to children[childStart[i + 1]], by start. */
  childStart: Int32Array;
  children: Int32Array;
  roots: Int32Array;
  /** Of each bar; the trace's own columns where nothing is folded. */
  start: Float64Array;
  end: Float64Array;
}

function shownSpans(t: LayoutColumns, o: ShownOptions): Uint8Array {
  const shown = new Uint8Array(t.length);
  const within = new Uint8Array(t.length); // in focus, and no ancestor collapsed
  for (const i of t.order) {
    const p = t.parent[i];
    within[i] = i === o.focus || (p < 0 ? o.focus < 0 : within[p] && !o.collapsed.has(p)) ? 1 : 0;
    shown[i] = within[i] && o.layers[t.source[i]] && !o.hidden?.[i] ? 1 : 0;
  }
  return shown;
}

export function shownTree(t: LayoutColumns, o: ShownOptions): BarTree {
  const shown = shownSpans(t, o);
  const parent = new Int32Array(t.length).fill(-1);
  for (const i of t.order) {
    const p = t.parent[i];
    parent[i] = p < 0 ? -1 : shown[p] ? p : parent[p];
  }
  return treeOf(t.order.filter((i) => shown[i] === 1), parent, t.start, t.end);
}

/** The tree of bars whose parents are known; `order` has parents before their children. */
export function treeOf(order: Int32Array, shownParent: Int32Array, start: Float64Array, end: Float64Array): BarTree {
  const n = start.length;
  const childStart = new Int32Array(n + 1);
  let rootCount = 0;
  for (const i of order) {
    if (shownParent[i] < 0) {
      rootCount++;
    } else {
      childStart[shownParent[i] + 1]++;
    }
  }
  for (let i = 0; i < n; i++) {
    childStart[i + 1] += childStart[i];
  }
  const children = new Int32Array(order.length - rootCount);
  const roots = new Int32Array(rootCount);
  const next = childStart.slice(0, n);
  let r = 0;
  for (const i of order) {
    if (shownParent[i] < 0) {
      roots[r++] = i;
    } else {
      children[next[shownParent[i]]++] = i;
    }
  }
  for (let i = 0; i < n; i++) {
    if (childStart[i + 1] - childStart[i] > 1) {
      sortByStart(children.subarray(childStart[i], childStart[i + 1]), start, end);
    }
  }
  return { order, shownParent, childStart, children, roots, start, end };
}
