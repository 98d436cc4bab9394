// Spans of a scope that do the same work: of the same owner, source, point, kind and peer, and
// with the same name but for numbers and ids. pkg/trace/equal.go counts by the same rule.
import { foldName } from './fold';
import { shorten } from './format';
import { Source, type Trace } from './model';

/** How equal spans ran; '' where there is one, or where they did both. */
export type Together = '' | 'one after the other' | 'at once';

/** A subtree, between two times. */
export interface Scope {
  root: number;
  from: number;
  to: number;
  /** No range was asked for. */
  whole: boolean;
}

/** How many spans must differ in numbers only to be taken for one work: two steps may well be called step-1 and step-2. */
const MIN_FOLDED = 5;

/** Characters of a name in a sentence. */
const MAX_NAME = 120;

/** What a span is called: of system calls and packets it is the request. */
export const nameIn = (t: Trace, i: number): string => (t.source[i] === Source.App ? t.text.name[i] : t.text.request[i]);

export const spokenName = (t: Trace, i: number): string => shorten(nameIn(t, i), MAX_NAME);

/** Marks of the rows of a subtree, and their list in the order of the tree. */
export function rowsUnder(t: Trace, root: number): Int32Array {
  if (root < 0) {
    return new Int32Array(0);
  }
  const begin = t.order.indexOf(root);
  let end = begin + 1;
  while (end < t.length && t.depth[t.order[end]] > t.depth[root]) {
    end++;
  }
  return t.order.subarray(begin, end);
}

export class Equals {
  /** By span: the number of its work, -1 outside of the scope. */
  readonly of: Int32Array;
  private readonly works: number[][] = [];
  private readonly said = new Map<number, { name: string; together: Together }>();

  constructor(
    private readonly t: Trace,
    rows: Int32Array,
    { from, to }: Scope
  ) {
    this.of = new Int32Array(t.length).fill(-1);
    const [folded, owners, peers, kinds] = [new Numbered(), new Numbered(), new Numbered(), new Numbered()];
    const raw = new Map<string, number>();
    const index = new Map<number, Map<number, number>>();
    const groups: number[][] = [];
    for (const i of rows) {
      if (t.start[i] > to || t.end[i] < from) {
        continue;
      }
      const name = nameIn(t, i);
      let n = raw.get(name);
      if (n === undefined) {
        raw.set(name, (n = folded.number(foldName(name))));
      }
      const who = ((owners.number(t.text.owner[i]) * 8 + t.point[i]) * 4 + t.source[i]) * 16 + kinds.number(t.text.kind[i]);
      const what = n * 0x1000000 + peers.number(t.text.peer[i]);
      let inner = index.get(who);
      if (!inner) {
        index.set(who, (inner = new Map()));
      }
      let k = inner.get(what);
      if (k === undefined) {
        inner.set(what, (k = groups.push([]) - 1));
      }
      groups[k].push(i);
    }
    for (const group of groups) {
      if (group.length >= MIN_FOLDED) {
        this.take(group);
        continue;
      }
      const byName = new Map<string, number[]>();
      group.forEach((i) => byName.set(nameIn(t, i), [...(byName.get(nameIn(t, i)) ?? []), i]));
      byName.forEach((same) => this.take(same));
    }
  }

  /** What the spans that are equal to i are called, how many there are, and how they ran. */
  about(i: number): { name: string; count: number; together: Together } {
    const n = this.of[i];
    if (n < 0) {
      return { name: spokenName(this.t, i), count: 1, together: '' };
    }
    const rows = this.works[n];
    let said = this.said.get(n);
    if (!said) {
      this.said.set(n, (said = { name: this.nameFor(rows), together: this.togetherness(rows) }));
    }
    return { ...said, count: rows.length };
  }

  private take(rows: number[]): void {
    const n = this.works.push(rows) - 1;
    rows.forEach((i) => (this.of[i] = n));
  }

  private nameFor(rows: number[]): string {
    const name = nameIn(this.t, rows[0]);
    return shorten(rows.every((i) => nameIn(this.t, i) === name) ? name : foldName(name), MAX_NAME);
  }

  // Compares the sum of the spans' times with the time in which any of them ran. Spans within
  // each other did neither.
  private togetherness(rows: number[]): Together {
    const { t } = this;
    if (rows.length < 2 || rows.some((i, k) => k > 0 && isAbove(t, rows[k - 1], i))) {
      return '';
    }
    const sorted = [...rows].sort((a, b) => t.start[a] - t.start[b]);
    let [sum, union, until] = [0, 0, t.start[sorted[0]]];
    for (const i of sorted) {
      sum += t.end[i] - t.start[i];
      if (t.end[i] > until) {
        union += t.end[i] - Math.max(until, t.start[i]);
        until = t.end[i];
      }
    }
    if (union === 0) {
      return '';
    }
    return sum - union <= Math.floor(union / 20) ? 'one after the other' : sum - union >= Math.floor(union / 2) ? 'at once' : '';
  }
}

function isAbove(t: Trace, above: number, i: number): boolean {
  let p = t.parent[i];
  while (p >= 0 && t.depth[p] > t.depth[above]) {
    p = t.parent[p];
  }
  return p === above;
}

/** Numbers for texts, from 0. */
class Numbered {
  private readonly known = new Map<string, number>();

  number(text: string): number {
    let n = this.known.get(text);
    if (n === undefined) {
      this.known.set(text, (n = this.known.size));
    }
    return n;
  }
}
