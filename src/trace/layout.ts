// Where every bar is: heights by layer, a bar directly under its parent, siblings that
// overlap in lanes of whole subtrees. Linear in the number of spans but for sorting.
import { packLanes, stackLanes } from './lanes';
import { Confidence, Source } from './model';
import type { Trace } from './model';
import { sortByStart } from './tree';

export type Density = 'strands' | 'rows' | 'folded' | 'texture';

/** Height in pixels of APP, SYS and NET bars, and the gap under each. */
export interface Heights {
  bars: readonly [number, number, number];
  gap: number;
}

export const HEIGHTS: Record<Exclude<Density, 'texture'>, Heights> = {
  strands: { bars: [18, 15, 4], gap: 1 },
  rows: { bars: [20, 18, 16], gap: 1 },
  folded: { bars: [18, 15, 4], gap: 1 },
};

/** Texture uses the largest of these that lets the whole trace fit. */
export const TEXTURE_HEIGHTS: readonly Heights[] = [
  [8, 5, 2], [6, 4, 2], [5, 3, 1], [4, 2, 1], [3, 2, 1], [3, 1, 1], [2, 2, 1], [2, 1, 1], [1, 1, 1],
].map(([app, sys, net]) => ({ bars: [app, sys, net] as const, gap: 0 }));

export const GHOST_HEIGHT = 17; // strands for hops that nobody saw
const ORPHANS_HEAD = 26; // room for the line above the spans without a parent

export interface PackOptions {
  /** Which of APP, SYS, NET are shown; children of a hidden span move up. */
  layers: readonly [boolean, boolean, boolean];
  /** 1 for each span that is left out; null for none. */
  hidden?: Uint8Array | null;
  collapsed: ReadonlySet<number>;
  /** Row of the subtree to show alone, -1 for all. */
  focus: number;
  /** Time held with everything below: the sibling that has most is next to its parent. */
  held: Float64Array;
}

export interface LayoutOptions extends PackOptions {
  heights: Heights;
  ghosts: boolean;
}

/** What is shown and in which lane: all of a layout that does not depend on heights. */
export interface Packing {
  shown: Uint8Array;
  tree: ReturnType<typeof shownTree>;
  laneOf: Int32Array;
  /** Roots, and spans that should have a parent. */
  placed: Int32Array;
  loose: Int32Array;
}

export interface Layout {
  /** Top of each bar in pixels, -1 for a span that is not shown. */
  y: Int32Array;
  height: Uint8Array;
  /** Distance from where the bar would be directly under its parent. */
  lane: Int32Array;
  /** Nearest shown ancestor, -1 for none. */
  shownParent: Int32Array;
  /** Shown spans by their nearest shown ancestor. */
  childStart: Int32Array;
  children: Int32Array;
  roots: Int32Array;
  /** Rows from top to bottom; spans of row r: order[rowStart[r]] up to order[rowStart[r+1]], by start, disjoint. */
  rowY: Int32Array;
  rowHeight: Uint8Array;
  rowStart: Int32Array;
  order: Int32Array;
  total: number;
  /** Top of the section of spans without a parent, -1 for none. */
  orphansY: number;
}

export const layoutTrace = (t: Trace, o: LayoutOptions): Layout => placeTrace(t, packTrace(t, o), o.heights, o.ghosts);

export function packTrace(t: Trace, o: PackOptions): Packing {
  const shown = shownSpans(t, o);
  const tree = shownTree(t, shown);
  const laneOf = new Int32Array(t.length);
  const from = t.start.slice();
  const to = t.end.slice();
  const boxes = { from, to, held: o.held };
  for (let k = t.length - 1; k >= 0; k--) {
    const i = t.order[k];
    const [first, last] = [tree.childStart[i], tree.childStart[i + 1]];
    if (!shown[i] || first === last) {
      continue;
    }
    for (let c = first; c < last; c++) {
      from[i] = Math.min(from[i], from[tree.children[c]]);
      to[i] = Math.max(to[i], to[tree.children[c]]);
    }
    if (last - first > 1) {
      packLanes(tree.children.subarray(first, last), boxes, laneOf);
    }
  }
  const isLoose = (r: number) => o.focus < 0 && (t.confidence[r] === Confidence.None || underOrphan(t, r));
  const loose = tree.roots.filter(isLoose);
  const placed = tree.roots.filter((r) => !isLoose(r));
  packLanes(placed, boxes, laneOf);
  packLanes(loose, boxes, laneOf);
  return { shown, tree, laneOf, placed, loose };
}

interface Stacked {
  height: Uint8Array;
  lane: Int32Array;
  total: number;
  orphansY: number;
}

function stack(t: Trace, { shown, tree, laneOf, placed, loose }: Packing, heights: Heights, ghosts: boolean): Stacked {
  const n = t.length;
  const height = new Uint8Array(n);
  const box = new Int32Array(n); // of the subtree, its own bar included
  const lane = new Int32Array(n);
  for (let k = n - 1; k >= 0; k--) {
    const i = t.order[k];
    if (!shown[i]) {
      continue;
    }
    height[i] = heights.bars[t.source[i]];
    box[i] = (ghosts && t.missing[i] > 0 ? GHOST_HEIGHT : 0) + height[i] + heights.gap;
    const [first, last] = [tree.childStart[i], tree.childStart[i + 1]];
    if (last - first === 1) {
      box[i] += box[tree.children[first]];
    } else if (last > first) {
      box[i] += stackLanes(tree.children.subarray(first, last), laneOf, box, lane);
    }
  }
  let total = stackLanes(placed, laneOf, box, lane);
  let orphansY = -1;
  if (loose.length > 0) {
    orphansY = total + 8;
    total = orphansY + ORPHANS_HEAD + stackLanes(loose, laneOf, box, lane);
    for (const r of loose) {
      lane[r] += orphansY + ORPHANS_HEAD;
    }
  }
  return { height, lane, total, orphansY };
}

/** How high the trace is with bars of these heights. */
export const heightOf = (t: Trace, p: Packing, heights: Heights, ghosts: boolean): number => stack(t, p, heights, ghosts).total;

export function placeTrace(t: Trace, p: Packing, heights: Heights, ghosts: boolean): Layout {
  const { height, lane, total, orphansY } = stack(t, p, heights, ghosts);
  const { shown, tree } = p;
  const y = new Int32Array(t.length).fill(-1);
  for (let k = 0; k < t.length; k++) {
    const i = t.order[k];
    if (shown[i]) {
      const above = tree.shownParent[i];
      y[i] = lane[i] + (ghosts && t.missing[i] > 0 ? GHOST_HEIGHT : 0) + (above < 0 ? 0 : y[above] + height[above] + heights.gap);
    }
  }
  return { y, height, lane, ...tree, ...rowsOf(t, shown, y, height), total, orphansY };
}

// With a layer hidden, what is left of an orphan's subtree is still one without a parent.
function underOrphan(t: Trace, i: number): boolean {
  let root = i;
  while (t.parent[root] >= 0) {
    root = t.parent[root];
  }
  return t.confidence[root] === Confidence.None;
}

function shownSpans(t: Trace, o: PackOptions): Uint8Array {
  const shown = new Uint8Array(t.length);
  const within = new Uint8Array(t.length); // in focus, and no ancestor collapsed
  for (const i of t.order) {
    const p = t.parent[i];
    within[i] = i === o.focus || (p < 0 ? o.focus < 0 : within[p] && !o.collapsed.has(p)) ? 1 : 0;
    shown[i] = within[i] && o.layers[t.source[i] as Source] && !o.hidden?.[i] ? 1 : 0;
  }
  return shown;
}

function shownTree(t: Trace, shown: Uint8Array) {
  const n = t.length;
  const shownParent = new Int32Array(n).fill(-1);
  const childStart = new Int32Array(n + 1);
  let rootCount = 0;
  let count = 0;
  for (const i of t.order) {
    const p = t.parent[i];
    shownParent[i] = p < 0 ? -1 : shown[p] ? p : shownParent[p];
    if (shown[i]) {
      count++;
      if (shownParent[i] < 0) {
        rootCount++;
      } else {
        childStart[shownParent[i] + 1]++;
      }
    }
  }
  for (let i = 0; i < n; i++) {
    childStart[i + 1] += childStart[i];
  }
  const children = new Int32Array(count - rootCount);
  const roots = new Int32Array(rootCount);
  const next = childStart.slice(0, n);
  let r = 0;
  for (const i of t.order) {
    if (shown[i]) {
      const p = shownParent[i];
      if (p < 0) {
        roots[r++] = i;
      } else {
        children[next[p]++] = i;
      }
    }
  }
  for (let i = 0; i < n; i++) {
    if (childStart[i + 1] - childStart[i] > 1) {
      sortByStart(children.subarray(childStart[i], childStart[i + 1]), t.start, t.end);
    }
  }
  return { shownParent, childStart, children, roots };
}

// Subtrees in one lane are disjoint and lanes lie below each other, so the spans of one
// height are disjoint too; sorted by start, their ends are sorted as well.
function rowsOf(t: Trace, shown: Uint8Array, y: Int32Array, height: Uint8Array) {
  let tallest = 0;
  for (let i = 0; i < t.length; i++) {
    tallest = Math.max(tallest, y[i]);
  }
  const counts = new Int32Array(tallest + 1);
  let n = 0;
  for (let i = 0; i < t.length; i++) {
    if (shown[i]) {
      counts[y[i]]++;
      n++;
    }
  }
  const rowOf = new Int32Array(tallest + 1);
  const tops: number[] = [];
  for (let top = 0; top <= tallest; top++) {
    if (counts[top] > 0) {
      rowOf[top] = tops.push(top) - 1;
    }
  }
  const rowY = Int32Array.from(tops);
  const rowStart = new Int32Array(rowY.length + 1);
  const rowHeight = new Uint8Array(rowY.length);
  for (let r = 0; r < rowY.length; r++) {
    rowStart[r + 1] = rowStart[r] + counts[rowY[r]];
  }
  const order = new Int32Array(n);
  const next = rowStart.slice();
  for (let k = 0; k < t.length; k++) {
    const i = t.order[k];
    if (shown[i]) {
      const r = rowOf[y[i]];
      order[next[r]++] = i;
      rowHeight[r] = Math.max(rowHeight[r], height[i]);
    }
  }
  for (let r = 0; r < rowY.length; r++) {
    sortRow(order.subarray(rowStart[r], rowStart[r + 1]), t);
  }
  return { rowY, rowHeight, rowStart, order };
}

// By start; of two that start together, the one of no length first. Rows come nearly
// always sorted.
function sortRow(row: Int32Array, t: Trace): void {
  for (let k = 1; k < row.length; k++) {
    if (t.start[row[k]] < t.end[row[k - 1]]) {
      row.sort((a, b) => t.start[a] - t.start[b] || t.end[a] - t.end[b]);
      return;
    }
  }
}
