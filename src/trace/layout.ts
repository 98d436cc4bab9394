// Where every bar is: heights by layer, a bar directly under its parent, siblings that
// overlap in lanes of whole subtrees. Linear in the number of spans but for sorting. It
// reads numbers only, so that it can run in a worker.
import { foldSiblings, type Alike, type AlikeOptions } from './alike';
import { packLanes, stackLanes } from './lanes';
import { Confidence } from './model';
import { shownTree, type BarTree, type LayoutColumns, type ShownOptions } from './shown';

export type Density = 'strands' | 'rows' | 'folded' | 'texture' | 'alike';

/** Height in pixels of APP, SYS and NET bars, and the gap under each. */
export interface Heights {
  bars: readonly [number, number, number];
  gap: number;
  /** Of bars of many alike spans, and of the heading of those that are open. */
  groups?: readonly [number, number, number];
  heading?: number;
}

export const HEIGHTS: Record<Exclude<Density, 'texture'>, Heights> = {
  strands: { bars: [18, 15, 4], gap: 1 },
  rows: { bars: [20, 18, 16], gap: 1 },
  folded: { bars: [18, 15, 4], gap: 1 },
  alike: { bars: [18, 15, 4], gap: 1, groups: [28, 26, 10], heading: 16 },
};

/** Texture uses the largest of these that lets the whole trace fit. */
export const TEXTURE_HEIGHTS: readonly Heights[] = [
  [8, 5, 2], [6, 4, 2], [5, 3, 1], [4, 2, 1], [3, 2, 1], [3, 1, 1], [2, 2, 1], [2, 1, 1], [1, 1, 1],
].map(([app, sys, net]) => ({ bars: [app, sys, net] as const, gap: 0 }));

export const GHOST_HEIGHT = 17; // strands for hops that nobody saw
const ORPHANS_HEAD = 26; // room for the line above the spans without a parent

interface PackOptions extends ShownOptions {
  /** Time held with everything below: the sibling that has most is next to its parent. */
  held: Float64Array;
  /** How alike siblings are folded; null for every span as a bar. */
  alike?: AlikeOptions | null;
}

export interface LayoutOptions extends PackOptions {
  heights: Heights;
  ghosts: boolean;
}

/** What is shown and in which lane: all of a layout that does not depend on heights. */
export interface Packing {
  tree: BarTree;
  alike: Alike | null;
  laneOf: Int32Array;
  /** Roots, and spans that should have a parent. */
  placed: Int32Array;
  loose: Int32Array;
}

/** Bars are the spans, by their rows, and after them the groups of alike spans. */
export interface Layout extends BarTree {
  /** Number of spans; a bar from here on is a group. */
  spans: number;
  alike: Alike | null;
  /** Top of each bar in pixels, -1 for a span that has no bar. */
  y: Int32Array;
  height: Uint8Array;
  /** Distance from where the bar would be directly under its parent. */
  lane: Int32Array;
  /** Rows from top to bottom; bars of row r: order[rowStart[r]] up to order[rowStart[r+1]], by start, disjoint. */
  rowY: Int32Array;
  rowHeight: Uint8Array;
  rowStart: Int32Array;
  order: Int32Array;
  /** Start and end of the bars, in the order of `order`. */
  from: Float64Array;
  to: Float64Array;
  total: number;
  /** Top of the section of spans without a parent, -1 for none. */
  orphansY: number;
}

export const layoutTrace = (t: LayoutColumns, o: LayoutOptions): Layout => placeTrace(t, packTrace(t, o), o.heights, o.ghosts);

/** The bar that shows a span: its own, its group's, or -1 for none. */
export function barOf(l: Layout, span: number): number {
  const group = l.alike && span >= 0 ? l.alike.groupOf[span] : -1;
  return group >= 0 && !l.alike!.open[group] ? l.spans + group : span >= 0 && l.y[span] >= 0 ? span : -1;
}

/** The group a bar stands for, -1 for a span. */
export const groupAt = (l: Layout, bar: number): number => (bar >= l.spans ? bar - l.spans : -1);

/** The span of a bar: of a group the one that names it. */
export const spanOf = (l: Layout, bar: number): number => (bar >= l.spans ? l.alike!.members[l.alike!.memberStart[bar - l.spans]] : bar);

/** The open group a span is shown in, -1 for none. */
export function openGroupOf(l: Layout, span: number): number {
  const group = l.alike && span >= 0 ? l.alike.groupOf[span] : -1;
  return group >= 0 && l.alike!.open[group] ? group : -1;
}

export function packTrace(t: LayoutColumns, o: PackOptions): Packing {
  const isLoose = (r: number) => o.focus < 0 && (t.confidence[r] === Confidence.None || underOrphan(t, r));
  const whole = shownTree(t, o.alike ? { ...o, collapsed: NONE } : o);
  const { tree, alike } = o.alike ? foldSiblings(t, whole, isLoose, o.alike) : { tree: whole, alike: null };
  const { order, childStart, children } = tree;
  const laneOf = new Int32Array(tree.start.length);
  const from = tree.start.slice();
  const to = tree.end.slice();
  const boxes = { from, to, held: alike ? heldWithGroups(t, o.held, alike) : o.held };
  for (let k = order.length - 1; k >= 0; k--) {
    const i = order[k];
    const [first, last] = [childStart[i], childStart[i + 1]];
    for (let c = first; c < last; c++) {
      from[i] = Math.min(from[i], from[children[c]]);
      to[i] = Math.max(to[i], to[children[c]]);
    }
    if (last - first > 1) {
      packLanes(children.subarray(first, last), boxes, laneOf);
    }
  }
  const first = (bar: number) => (bar < t.length ? bar : alike!.members[alike!.memberStart[bar - t.length]]);
  const loose = tree.roots.filter((r) => isLoose(first(r)));
  const placed = tree.roots.filter((r) => !isLoose(first(r)));
  packLanes(placed, boxes, laneOf);
  packLanes(loose, boxes, laneOf);
  return { tree, alike, laneOf, placed, loose };
}

const NONE: ReadonlySet<number> = new Set();

function heldWithGroups(t: LayoutColumns, held: Float64Array, alike: Alike): Float64Array {
  const all = new Float64Array(t.length + alike.count);
  all.set(held);
  for (let g = 0; g < alike.count; g++) {
    for (let k = alike.memberStart[g]; k < alike.memberStart[g + 1]; k++) {
      all[t.length + g] += held[alike.members[k]];
    }
  }
  return all;
}

interface Stacked {
  height: Uint8Array;
  lane: Int32Array;
  total: number;
  orphansY: number;
}

// A group has no ghosts: which of its spans miss a hop is said where they are bars.
const hasGhosts = (t: LayoutColumns, bar: number, ghosts: boolean): boolean => ghosts && bar < t.length && t.missing[bar] > 0;

function heightOfBar(t: LayoutColumns, alike: Alike | null, heights: Heights, bar: number): number {
  if (bar < t.length) {
    return heights.bars[t.source[bar]];
  }
  const g = bar - t.length;
  return alike!.open[g] ? heights.heading! : heights.groups![t.source[alike!.members[alike!.memberStart[g]]]];
}

function stack(t: LayoutColumns, { tree, alike, laneOf, placed, loose }: Packing, heights: Heights, ghosts: boolean): Stacked {
  const { order, childStart, children } = tree;
  const height = new Uint8Array(laneOf.length);
  const box = new Int32Array(laneOf.length); // of the subtree, its own bar included
  const lane = new Int32Array(laneOf.length);
  for (let k = order.length - 1; k >= 0; k--) {
    const i = order[k];
    height[i] = heightOfBar(t, alike, heights, i);
    box[i] = (hasGhosts(t, i, ghosts) ? GHOST_HEIGHT : 0) + height[i] + heights.gap;
    const [first, last] = [childStart[i], childStart[i + 1]];
    if (last - first === 1) {
      box[i] += box[children[first]];
    } else if (last > first) {
      box[i] += stackLanes(children.subarray(first, last), laneOf, box, lane);
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
export const heightOf = (t: LayoutColumns, p: Packing, heights: Heights, ghosts: boolean): number => stack(t, p, heights, ghosts).total;

export function placeTrace(t: LayoutColumns, p: Packing, heights: Heights, ghosts: boolean): Layout {
  const { height, lane, total, orphansY } = stack(t, p, heights, ghosts);
  const { tree } = p;
  const y = new Int32Array(lane.length).fill(-1);
  for (const i of tree.order) {
    const above = tree.shownParent[i];
    y[i] = lane[i] + (hasGhosts(t, i, ghosts) ? GHOST_HEIGHT : 0) + (above < 0 ? 0 : y[above] + height[above] + heights.gap);
  }
  return { ...tree, spans: t.length, alike: p.alike, y, height, lane, ...rowsOf(tree, y, height), total, orphansY };
}

// With a layer hidden, what is left of an orphan's subtree is still one without a parent.
function underOrphan(t: LayoutColumns, i: number): boolean {
  let root = i;
  while (t.parent[root] >= 0) {
    root = t.parent[root];
  }
  return t.confidence[root] === Confidence.None;
}

// Subtrees in one lane are disjoint and lanes lie below each other, so the bars of one
// height are disjoint too; sorted by start, their ends are sorted as well.
function rowsOf(tree: BarTree, y: Int32Array, height: Uint8Array): Pick<Layout, 'rowY' | 'rowHeight' | 'rowStart' | 'order' | 'from' | 'to'> {
  let tallest = 0;
  for (const i of tree.order) {
    tallest = Math.max(tallest, y[i]);
  }
  const counts = new Int32Array(tallest + 1);
  for (const i of tree.order) {
    counts[y[i]]++;
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
  const order = new Int32Array(tree.order.length);
  const next = rowStart.slice();
  for (const i of tree.order) {
    const r = rowOf[y[i]];
    order[next[r]++] = i;
    rowHeight[r] = Math.max(rowHeight[r], height[i]);
  }
  for (let r = 0; r < rowY.length; r++) {
    sortRow(order.subarray(rowStart[r], rowStart[r + 1]), tree);
  }
  const from = gather(order, tree.start);
  const to = gather(order, tree.end);
  return { rowY, rowHeight, rowStart, order, from, to };
}

function gather(order: Int32Array, values: Float64Array): Float64Array {
  const out = new Float64Array(order.length);
  for (let k = 0; k < order.length; k++) {
    out[k] = values[order[k]];
  }
  return out;
}

// By start; of two that start together, the one of no length first. Rows come nearly
// always sorted.
function sortRow(row: Int32Array, { start, end }: BarTree): void {
  for (let k = 1; k < row.length; k++) {
    if (start[row[k]] < end[row[k - 1]]) {
      row.sort((a, b) => start[a] - start[b] || end[a] - end[b]);
      return;
    }
  }
}
