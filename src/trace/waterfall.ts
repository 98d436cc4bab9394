// Rows of the waterfall: the shown tree in pre-order, the network hops of a call folded
// to one row until they are opened.
import type { Analysis } from './analysis';
import { groupAt, spanOf, type Layout } from './layout';
import { Source } from './model';

export interface WaterfallRow {
  span: number;
  depth: number;
  /** Spans of the call's network hops that this row stands for; empty for a plain row. */
  folded: number[];
  hasChildren: boolean;
  /** Group of alike spans that this row stands for, -1 for a span. */
  group: number;
}

export interface WaterfallOptions {
  layers: readonly [boolean, boolean, boolean];
  /** 1 for each span that is left out; null for none. */
  hidden?: Uint8Array | null;
  collapsed: ReadonlySet<number>;
  openCalls: ReadonlySet<number>;
  /** Row of the subtree shown alone, -1 for all. */
  focus: number;
}

export function waterfallRows({ trace: t, calls }: Analysis, o: WaterfallOptions): WaterfallRow[] {
  const rows: WaterfallRow[] = [];
  const stack: Array<[span: number, depth: number]> = [];
  const push = (spans: ArrayLike<number>, depth: number) => {
    for (let k = spans.length - 1; k >= 0; k--) {
      stack.push([spans[k], depth]);
    }
  };
  push(o.focus < 0 ? t.roots : [o.focus], 0);
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [span, depth] = top;
    const children = t.children.subarray(t.childStart[span], t.childStart[span + 1]);
    if (!o.layers[t.source[span]] || o.hidden?.[span]) {
      push(children, depth);
      continue;
    }
    const folded = foldedHops(t, calls, o, span);
    const last = folded.length > 0 ? folded[folded.length - 1] : span;
    const below = t.children.subarray(t.childStart[last], t.childStart[last + 1]);
    rows.push({ span, depth, folded, hasChildren: below.length > 0, group: -1 });
    if (!o.collapsed.has(span)) {
      push(below, depth + 1);
    }
  }
  return rows;
}

/** The same with alike spans folded: a row for each bar of the layout. */
export function alikeRows(l: Layout, collapsed: ReadonlySet<number>): WaterfallRow[] {
  const rows: WaterfallRow[] = [];
  const stack: Array<[bar: number, depth: number]> = [];
  const push = (bars: Int32Array, depth: number) => {
    for (let k = bars.length - 1; k >= 0; k--) {
      stack.push([bars[k], depth]);
    }
  };
  push(l.roots, 0);
  for (let top = stack.pop(); top; top = stack.pop()) {
    const [bar, depth] = top;
    const span = spanOf(l, bar);
    const below = l.children.subarray(l.childStart[bar], l.childStart[bar + 1]);
    rows.push({ span, depth, folded: [], hasChildren: below.length > 0 || collapsed.has(span), group: groupAt(l, bar) });
    push(below, depth + 1);
  }
  return rows;
}

// The network hops from here on, where they are two or more in a straight line.
function foldedHops(t: Analysis['trace'], calls: Analysis['calls'], o: WaterfallOptions, span: number): number[] {
  if (t.source[span] !== Source.Net || calls.of[span] < 0 || o.openCalls.has(calls.of[span])) {
    return [];
  }
  const chain = [span];
  for (let i = span; ; ) {
    const next = t.childStart[i + 1] - t.childStart[i] === 1 ? t.children[t.childStart[i]] : -1;
    if (next < 0 || t.source[next] !== Source.Net || calls.of[next] !== calls.of[span]) {
      break;
    }
    chain.push(next);
    i = next;
  }
  return chain.length > 1 ? chain : [];
}
