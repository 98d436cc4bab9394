// Alike siblings in one bar: of twenty and more of a kind under one parent, and below them,
// recursively, of whatever is alike among all their children. A group can be opened: then
// its bar is a heading, and its spans are bars below it.
import type { Kinds } from './kinds';
import { treeOf, type BarTree, type LayoutColumns } from './shown';

/** From so many alike siblings on they are one bar. */
export const LEAST_ALIKE = 20;

export interface AlikeOptions {
  kinds: Kinds;
  /** Time each span held by itself, and its own time. */
  held: Float64Array;
  own: Float64Array;
  /** First spans of the groups that are open. */
  open: ReadonlySet<number>;
  collapsed: ReadonlySet<number>;
}

/** Groups of alike spans, in columns. Bar of group g: the trace's length + g. */
export interface Alike {
  count: number;
  /** Spans of group g: members[memberStart[g]] up to members[memberStart[g + 1]]; the first one names it. */
  memberStart: Int32Array;
  members: Int32Array;
  /** Starts and ends of the same spans, each group's sorted by itself, and their running sums. */
  starts: Float64Array;
  ends: Float64Array;
  startSums: Float64Array;
  endSums: Float64Array;
  /** 1 for a group that is open: its bar is a heading. */
  open: Uint8Array;
  /** Group each span is a member of, -1 for none. */
  groupOf: Int32Array;
  /** The longest of each group's spans. */
  longest: Int32Array;
  max: Float64Array;
  p50: Float64Array;
  p99: Float64Array;
  held: Float64Array;
  /** Sums of their own times, and of all of their times. */
  own: Float64Array;
  time: Float64Array;
  /** How many failed, and how many errors began there. */
  failed: Int32Array;
  origins: Int32Array;
  /** Most that ran at once. */
  peak: Int32Array;
}

/** The same tree with alike siblings folded. `isLoose` tells roots that lie apart. */
export function foldSiblings(t: LayoutColumns, tree: BarTree, isLoose: (root: number) => boolean, o: AlikeOptions): { tree: BarTree; alike: Alike } {
  const n = t.length;
  const maker = new Folding(n, o);
  maker.place(tree.roots.filter((r) => !isLoose(r)), -1, LEAST_ALIKE);
  maker.place(tree.roots.filter(isLoose), -1, LEAST_ALIKE);
  const pool = new Int32Array(n);
  for (let at = 0; at < maker.placed; at++) {
    const bar = maker.order[at];
    if (bar < n) {
      if (!o.collapsed.has(bar)) {
        maker.place(tree.children.subarray(tree.childStart[bar], tree.childStart[bar + 1]), bar, LEAST_ALIKE);
      }
      continue;
    }
    const members = maker.membersOf(bar - n);
    if (maker.isOpen(bar - n)) {
      maker.place(members, bar, Infinity);
      continue;
    }
    if (o.collapsed.has(members[0])) {
      continue;
    }
    let pooled = 0;
    for (const i of members) {
      for (let k = tree.childStart[i]; k < tree.childStart[i + 1]; k++) {
        pool[pooled++] = tree.children[k];
      }
    }
    maker.place(pool.subarray(0, pooled), bar, 2); // below a bar of many there is no place for one
  }
  return maker.result(t, o);
}

class Folding {
  /** Bars, parents before their children. */
  readonly order: Int32Array;
  placed = 0;
  private readonly parents: number[] = []; // of groups
  private readonly spanParent: Int32Array;
  private readonly groupOf: Int32Array;
  private readonly members: Int32Array;
  private memberStart = [0];
  private readonly open: number[] = [];
  private readonly counts: Int32Array; // by kind, all 0 between calls
  private readonly slot: Int32Array;

  constructor(
    private readonly n: number,
    private readonly o: AlikeOptions
  ) {
    this.order = new Int32Array(n + (n >> 1) + 1);
    this.spanParent = new Int32Array(n).fill(-1);
    this.groupOf = new Int32Array(n).fill(-1);
    this.members = new Int32Array(n);
    this.counts = new Int32Array(o.kinds.count);
    this.slot = new Int32Array(o.kinds.count);
  }

  membersOf = (g: number): Int32Array => this.members.subarray(this.memberStart[g], this.memberStart[g + 1]);

  isOpen = (g: number): boolean => this.open[g] === 1;

  /** Puts siblings under a parent: kinds of `least` and more as a group, others one by one. */
  place(siblings: Int32Array, parent: number, least: number): void {
    const { counts, slot, n } = this;
    const kind = this.o.kinds.of;
    if (siblings.length < least) {
      siblings.forEach((i) => this.placeSpan(i, parent));
      return;
    }
    for (const i of siblings) {
      counts[kind[i]]++;
    }
    for (const i of siblings) {
      const k = kind[i];
      if (counts[k] < 0) {
        continue; // has its group
      }
      if (counts[k] < least) {
        this.placeSpan(i, parent);
        continue;
      }
      const g = this.parents.push(parent) - 1;
      slot[k] = this.memberStart[g];
      this.memberStart.push(slot[k] + counts[k]);
      this.open.push(this.o.open.has(i) ? 1 : 0);
      this.order[this.placed++] = n + g;
      counts[k] = -1 - g;
    }
    for (const i of siblings) {
      const k = kind[i];
      if (counts[k] < 0) {
        this.members[slot[k]++] = i;
        this.groupOf[i] = -1 - counts[k];
      }
    }
    for (const i of siblings) {
      counts[kind[i]] = 0;
    }
  }

  private placeSpan(i: number, parent: number): void {
    this.spanParent[i] = parent;
    this.order[this.placed++] = i;
  }

  result(t: LayoutColumns, o: AlikeOptions): { tree: BarTree; alike: Alike } {
    const { n } = this;
    const count = this.parents.length;
    const columns = <A extends Float64Array | Int32Array>(spans: A, bars: A): A => {
      bars.set(spans);
      return bars;
    };
    const start = columns(t.start, new Float64Array(n + count));
    const end = columns(t.end, new Float64Array(n + count));
    const parent = columns(this.spanParent, new Int32Array(n + count));
    parent.set(this.parents, n);
    const used = this.memberStart[count];
    const members = this.members.slice(0, used);
    const alike = measure(t, o, members, Int32Array.from(this.memberStart), count);
    for (let g = 0; g < count; g++) {
      start[n + g] = alike.starts[alike.memberStart[g]];
      end[n + g] = alike.ends[alike.memberStart[g + 1] - 1];
    }
    const open = Uint8Array.from(this.open);
    return { tree: treeOf(this.order.slice(0, this.placed), parent, start, end), alike: { ...alike, open, groupOf: this.groupOf } };
  }
}

function measure(t: LayoutColumns, { held, own }: AlikeOptions, members: Int32Array, memberStart: Int32Array, count: number): Omit<Alike, 'open' | 'groupOf'> {
  const starts = Float64Array.from(members, (i) => t.start[i]);
  const ends = Float64Array.from(members, (i) => t.end[i]);
  const times = Float64Array.from(members, (i) => t.end[i] - t.start[i]);
  const result: Omit<Alike, 'open' | 'groupOf'> = {
    count, memberStart, members, starts, ends, startSums: starts, endSums: ends,
    longest: new Int32Array(count), max: new Float64Array(count), p50: new Float64Array(count), p99: new Float64Array(count), held: new Float64Array(count),
    own: new Float64Array(count), time: new Float64Array(count),
    failed: new Int32Array(count), origins: new Int32Array(count), peak: new Int32Array(count),
  };
  for (let g = 0; g < count; g++) {
    const [a, b] = [memberStart[g], memberStart[g + 1]];
    let longest = a;
    for (let k = a; k < b; k++) {
      const i = members[k];
      longest = times[k] > times[longest] ? k : longest;
      result.held[g] += held[i];
      result.own[g] += own[i];
      result.time[g] += times[k];
      result.failed[g] += t.error[i];
      result.origins[g] += t.origin[i];
    }
    result.longest[g] = members[longest];
    result.max[g] = times[longest];
    for (const column of [starts, ends, times]) {
      column.subarray(a, b).sort();
    }
    const rank = (share: number) => times[Math.min(b - 1, a + Math.ceil((b - a) * share) - 1)];
    result.p50[g] = rank(0.5);
    result.p99[g] = rank(0.99);
    result.peak[g] = mostAtOnce(starts.subarray(a, b), ends.subarray(a, b));
  }
  result.startSums = runningSums(starts, memberStart, count);
  result.endSums = runningSums(ends, memberStart, count);
  return result;
}

// One that ends as another starts does not run beside it; one of no length runs alone.
function mostAtOnce(starts: Float64Array, ends: Float64Array): number {
  let most = 1;
  for (let s = 0, e = 0; s < starts.length; s++) {
    while (ends[e] <= starts[s] && e < s) {
      e++;
    }
    most = Math.max(most, s + 1 - e);
  }
  return most;
}

function runningSums(values: Float64Array, memberStart: Int32Array, count: number): Float64Array {
  const sums = new Float64Array(values.length);
  for (let g = 0; g < count; g++) {
    let sum = 0;
    for (let k = memberStart[g]; k < memberStart[g + 1]; k++) {
      sum += values[k];
      sums[k] = sum;
    }
  }
  return sums;
}

/** Whether something may fold: a kind that twenty spans are of. */
export function hasAlike(t: { length: number }, kinds: Kinds): boolean {
  const counts = new Int32Array(kinds.count);
  for (let i = 0; i < t.length; i++) {
    if (++counts[kinds.of[i]] >= LEAST_ALIKE) {
      return true;
    }
  }
  return false;
}

export const membersOf = (a: Alike, g: number): Int32Array => a.members.subarray(a.memberStart[g], a.memberStart[g + 1]);

/** The longest member that runs at a time; where none does, the one that starts or ends next to it. */
export function memberAt(t: { start: Float64Array; end: Float64Array }, a: Alike, g: number, time: number): number {
  let best = -1;
  let distance = Infinity;
  for (const i of membersOf(a, g)) {
    const away = Math.max(0, t.start[i] - time, time - t.end[i]);
    if (away < distance || (away === distance && t.end[i] - t.start[i] > t.end[best] - t.start[best])) {
      best = i;
      distance = away;
    }
  }
  return best;
}
