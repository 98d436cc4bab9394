// In whose time each span ran. Most ran within their parent's; the backend names those that
// outlived it, and in whose time they went on: of a caller further up, or of nobody, where
// the work is asynchronous. Sums of time go by this tree, pictures by the parents.
import type { Tree, Within } from './model';
import { sortByStart } from './tree';

export function ranWithin(t: Tree, said: unknown, start: Float64Array, end: Float64Array): Within {
  const pairs = exceptions(said, t.parent);
  if (pairs.length === 0) {
    return { within: t.parent, innerStart: t.childStart, inner: t.children };
  }
  const n = t.parent.length;
  const within = t.parent.slice();
  pairs.forEach(([row, outer]) => (within[row] = outer));
  const innerStart = new Int32Array(n + 1);
  within.forEach((outer) => outer >= 0 && innerStart[outer + 1]++);
  for (let i = 0; i < n; i++) {
    innerStart[i + 1] += innerStart[i];
  }
  const next = innerStart.slice(0, n);
  const inner = new Int32Array(innerStart[n]);
  for (let i = 0; i < n; i++) {
    if (within[i] >= 0) {
      inner[next[within[i]]++] = i;
    }
  }
  for (const [, outer] of pairs) {
    if (outer >= 0) {
      sortByStart(inner.subarray(innerStart[outer], innerStart[outer + 1]), start, end);
    }
  }
  return { within, innerStart, inner };
}

/** What the frame says and the tree allows: rows of the tree, and only above themselves. */
function exceptions(said: unknown, parent: Int32Array): Array<[number, number]> {
  const above = (outer: number, row: number): boolean => {
    let i = parent[row];
    while (i >= 0 && i !== outer) {
      i = parent[i];
    }
    return i === outer;
  };
  const row = (v: unknown): v is number => Number.isInteger(v) && (v as number) >= 0 && (v as number) < parent.length;
  return (Array.isArray(said) ? said : []).filter((pair) => row(pair?.[0]) && (pair[1] === -1 || (row(pair[1]) && above(pair[1], pair[0]))));
}
