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

/** A name as it stands in a sentence. */
export const spoken = (name: string): string => shorten(name, MAX_NAME);

export const spokenName = (t: Trace, i: number): string => spoken(nameIn(t, i));

/** Rows of a subtree, in the order of the tree. */
export function rowsUnder(t: Trace, root: number): Int32Array {
  const begin = t.order.indexOf(root);
  let end = begin + 1;
  while (end < t.length && t.depth[t.order[end]] > t.depth[root]) {
    end++;
  }
  return t.order.subarray(begin, end);
}

/**
 * Which spans do the same work. It is decided over the whole trace, so that a range of it uses
 * the same names; a scope counts its own spans.
 */
export interface Works {
  /** By span: the number of its work. */
  of: Int32Array;
  /** Rows of work w in the order of the tree: rows[first[w]] up to rows[first[w + 1]]. */
  first: Int32Array;
  rows: Int32Array;
  /** Place of each row in the order of the tree. */
  place: Int32Array;
}

export function findWorks(t: Trace): Works {
  const [of, place] = [new Int32Array(t.length), new Int32Array(t.length)];
  const [raw, folded, owners, peers, kinds] = [new Numbered(), new Numbered(), new Numbered(), new Numbered(), new Numbered()];
  const names = new Int32Array(t.length); // whole, by number
  const foldOf: number[] = [];
  const index = new Map<number, Map<number, number>>();
  const sizes: number[] = [];
  for (let k = 0; k < t.length; k++) {
    const i = t.order[k];
    place[i] = k;
    const name = nameIn(t, i);
    const n = (names[i] = raw.number(name));
    if (n === foldOf.length) {
      foldOf.push(folded.number(foldName(name)));
    }
    const who = ((owners.number(t.text.owner[i]) * 8 + t.point[i]) * 4 + t.source[i]) * 16 + kinds.number(t.text.kind[i]);
    const what = foldOf[n] * 0x1000000 + peers.number(t.text.peer[i]);
    let inner = index.get(who);
    if (!inner) {
      index.set(who, (inner = new Map()));
    }
    let work = inner.get(what);
    if (work === undefined) {
      inner.set(what, (work = sizes.push(0) - 1));
    }
    sizes[work]++;
    of[i] = work;
  }
  tellFewApart(t, of, names, sizes);
  return { of, place, ...gathered(t, of, sizes.length) };
}

// A few are told apart by their whole names. The first name keeps the work's number.
function tellFewApart(t: Trace, of: Int32Array, names: Int32Array, sizes: number[]): void {
  const known = new Map<number, Map<number, number>>();
  for (const i of t.order) {
    const work = of[i];
    if (sizes[work] === 1 || sizes[work] >= MIN_FOLDED) {
      continue;
    }
    let byName = known.get(work);
    if (!byName) {
      known.set(work, (byName = new Map([[names[i], work]])));
    }
    let own = byName.get(names[i]);
    if (own === undefined) {
      byName.set(names[i], (own = sizes.push(1) - 1));
    }
    of[i] = own;
  }
}

function gathered(t: Trace, of: Int32Array, count: number): Pick<Works, 'first' | 'rows'> {
  const first = new Int32Array(count + 1);
  of.forEach((work) => first[work + 1]++);
  for (let w = 0; w < count; w++) {
    first[w + 1] += first[w];
  }
  const next = first.slice();
  const rows = new Int32Array(t.length);
  for (const i of t.order) {
    rows[next[of[i]]++] = i;
  }
  return { first, rows };
}

/** What equal spans of a scope are called, how many there are, and how they ran. */
export class Equals {
  readonly of: Int32Array;
  private readonly said = new Map<number, { name: string; count: number; together: Together }>();

  constructor(
    private readonly t: Trace,
    private readonly works: Works,
    private readonly rows: Int32Array,
    private readonly scope: Scope
  ) {
    this.of = works.of;
  }

  about(i: number): { name: string; count: number; together: Together } {
    const n = this.of[i];
    let said = this.said.get(n);
    if (!said) {
      const all = this.works.rows.subarray(this.works.first[n], this.works.first[n + 1]);
      const rows = all.filter((k) => this.isInside(k));
      said = { name: this.nameFor(all), count: Math.max(1, rows.length), together: this.togetherness(rows) };
      this.said.set(n, said);
    }
    return said;
  }

  private isInside(i: number): boolean {
    const { t, scope, works } = this;
    const first = works.place[scope.root];
    return works.place[i] >= first && works.place[i] < first + this.rows.length && t.start[i] <= scope.to && t.end[i] >= scope.from;
  }

  private nameFor(rows: Int32Array): string {
    const name = nameIn(this.t, rows[0]);
    return spoken(rows.every((i) => nameIn(this.t, i) === name) ? name : foldName(name));
  }

  // Compares the sum of the spans' times with the time in which any of them ran. Spans within
  // each other did neither.
  private togetherness(rows: Int32Array): Together {
    const { t } = this;
    if (rows.length < 2 || rows.some((i, k) => k > 0 && isAbove(t, rows[k - 1], i))) {
      return '';
    }
    const sorted = rows.slice().sort((a, b) => t.start[a] - t.start[b]);
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
