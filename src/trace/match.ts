// Which span of one trace is which of another. Two spans are the same where they are in the
// same place of the tree: their parents are the same, they are of the same source, point,
// service and name (ids and digits folded), and as manieth among such siblings. A span that
// only one trace has is passed over: what hangs below it may still be found in the other.
import { foldName } from './fold';
import { serviceOf } from './model';
import type { Trace } from './model';

export interface Match {
  /** Row of the other trace for each row, -1 where it has none. */
  toA: Int32Array;
  toB: Int32Array;
}

export function matchSpans(a: Trace, b: Trace): Match {
  const kinds = new Kinds();
  const [sideA, sideB] = [new Side(a, kinds.of(a)), new Side(b, kinds.of(b))];
  const found: number[] = []; // pairs whose children are still to be matched
  const pair = (i: number, j: number) => {
    sideA.pair(i, j);
    sideB.pair(j, i);
    found.push(i, j);
  };
  const descend = () => {
    while (found.length > 0) {
      const j = found.pop()!;
      const i = found.pop()!;
      const [below, there] = [sideA.below(i), sideB.below(j)];
      if (below.length > 0 && there.length > 0) {
        matchPools(i, j, below, there);
      }
    }
  };
  // Level by level: those of one kind in their order; below those that are left over, on.
  const matchPools = (i: number, j: number, freshA: number[], freshB: number[]) => {
    const [waitA, waitB] = [new Waiting(sideA, i), new Waiting(sideB, j)];
    while (freshA.length + freshB.length > 0) {
      freshA.forEach((row) => waitA.add(row));
      freshB.forEach((row) => waitB.add(row));
      for (const kind of waitA.byKind.keys()) {
        while (waitA.has(kind) && waitB.has(kind)) {
          pair(waitA.take(kind), waitB.take(kind));
        }
      }
      freshA = freshA.filter((row) => sideA.to[row] < 0).flatMap((row) => sideA.below(row));
      freshB = freshB.filter((row) => sideB.to[row] < 0).flatMap((row) => sideB.below(row));
    }
  };
  if (a.main >= 0 && b.main >= 0) {
    pair(a.main, b.main); // whatever they are called: someone wants them compared
  }
  descend();
  matchPools(-1, -1, sideA.otherRoots(), sideB.otherRoots());
  descend();
  // What lost its parent in one trace may have it in the other.
  for (const [lost, whole, put] of [[sideB, sideA, pair], [sideA, sideB, (i: number, j: number) => pair(j, i)]] as const) {
    const free = new Waiting(whole, undefined);
    const roots = lost.otherRoots().filter((root) => lost.isFree(root));
    if (roots.length > 0) {
      whole.trace.order.forEach((row) => whole.isFree(row) && free.add(row));
      roots.forEach((root) => free.has(lost.kinds[root]) && put(free.take(lost.kinds[root]), root));
      descend();
    }
  }
  return { toA: sideB.to, toB: sideA.to };
}

class Side {
  readonly to: Int32Array;
  /** 1 for each span with a match below it that it was passed over for. */
  private readonly passed: Uint8Array;

  constructor(
    readonly trace: Trace,
    readonly kinds: Int32Array
  ) {
    this.to = new Int32Array(trace.length).fill(-1);
    this.passed = new Uint8Array(trace.length);
  }

  pair(row: number, other: number): void {
    this.to[row] = other;
    for (let p = this.trace.parent[row]; p >= 0 && this.to[p] < 0 && !this.passed[p]; p = this.trace.parent[p]) {
      this.passed[p] = 1;
    }
  }

  isFree = (row: number): boolean => this.to[row] < 0 && !this.passed[row];

  /** The nearest ancestor that was matched, -1 for none. */
  owner(row: number): number {
    let p = this.trace.parent[row];
    while (p >= 0 && this.to[p] < 0) {
      p = this.trace.parent[p];
    }
    return p;
  }

  below = (row: number): number[] => Array.from(this.trace.children.subarray(this.trace.childStart[row], this.trace.childStart[row + 1]));

  otherRoots = (): number[] => Array.from(this.trace.roots).filter((r) => r !== this.trace.main);
}

/** Spans below one match, or anywhere, that may still be matched: by kind, the first first. */
class Waiting {
  readonly byKind = new Map<number, { rows: number[]; at: number }>();

  constructor(
    private readonly side: Side,
    private readonly owner: number | undefined
  ) {}

  add(row: number): void {
    const kind = this.side.kinds[row];
    const list = this.byKind.get(kind);
    if (list) {
      list.rows.push(row);
    } else {
      this.byKind.set(kind, { rows: [row], at: 0 });
    }
  }

  has(kind: number): boolean {
    const list = this.byKind.get(kind);
    while (list && list.at < list.rows.length && !this.mayMatch(list.rows[list.at])) {
      list.at++;
    }
    return list !== undefined && list.at < list.rows.length;
  }

  /** Only after `has`. */
  take(kind: number): number {
    const list = this.byKind.get(kind)!;
    return list.rows[list.at++];
  }

  // Its parent may have been matched since: then its siblings there are whom it is one of.
  private mayMatch(row: number): boolean {
    return this.side.isFree(row) && (this.owner === undefined || this.side.owner(row) === this.owner);
  }
}

/** Numbers for kinds of spans, the same in both traces. */
class Kinds {
  private readonly numbers = new Map<string, number>();
  private readonly folded = new Map<string, string>();

  of(t: Trace): Int32Array {
    const kinds = new Int32Array(t.length);
    for (let i = 0; i < t.length; i++) {
      const key = `${t.source[i]}|${t.point[i]}|${serviceOf(t, i)}|${this.fold(t.text.name[i] || t.text.request[i])}`;
      let number = this.numbers.get(key);
      if (number === undefined) {
        this.numbers.set(key, (number = this.numbers.size));
      }
      kinds[i] = number;
    }
    return kinds;
  }

  private fold(name: string): string {
    let folded = this.folded.get(name);
    if (folded === undefined) {
      this.folded.set(name, (folded = foldName(name)));
    }
    return folded;
  }
}
