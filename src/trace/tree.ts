// Parents in, tree out: children by start, pre-order, depth. Linear but for the sorting
// of siblings, and never recursive: a chain of 100,000 spans must not end the stack.
import type { Tree } from './model';

export function buildTree(parents: ArrayLike<number>, start: Float64Array, end: Float64Array): Tree {
  const n = start.length;
  const parent = cutCycles(parents, n);
  const childStart = new Int32Array(n + 1);
  let rootCount = 0;
  for (let i = 0; i < n; i++) {
    if (parent[i] < 0) {
      rootCount++;
    } else {
      childStart[parent[i] + 1]++;
    }
  }
  for (let i = 0; i < n; i++) {
    childStart[i + 1] += childStart[i];
  }
  const children = new Int32Array(n - rootCount);
  const roots = new Int32Array(rootCount);
  const next = childStart.slice(0, n);
  for (let i = 0, r = 0; i < n; i++) {
    if (parent[i] < 0) {
      roots[r++] = i;
    } else {
      children[next[parent[i]]++] = i;
    }
  }
  sortByStart(roots, start, end);
  for (let i = 0; i < n; i++) {
    if (childStart[i + 1] - childStart[i] > 1) {
      sortByStart(children.subarray(childStart[i], childStart[i + 1]), start, end);
    }
  }
  return { parent, roots, childStart, children, ...preOrder(n, roots, childStart, children) };
}

/** Sorts rows by start, the longer first; most lists come sorted and are only checked. */
export function sortByStart(rows: Int32Array, start: Float64Array, end: Float64Array): void {
  for (let k = 1; k < rows.length; k++) {
    const a = rows[k - 1];
    const b = rows[k];
    if (start[a] > start[b] || (start[a] === start[b] && end[a] < end[b])) {
      rows.sort((x, y) => start[x] - start[y] || end[y] - end[x] || x - y);
      return;
    }
  }
}

function preOrder(n: number, roots: Int32Array, childStart: Int32Array, children: Int32Array): Pick<Tree, 'order' | 'depth'> {
  const order = new Int32Array(n);
  const depth = new Int32Array(n);
  const stack = new Int32Array(n);
  let top = 0;
  let at = 0;
  for (let r = roots.length - 1; r >= 0; r--) {
    stack[top++] = roots[r];
  }
  while (top > 0) {
    const i = stack[--top];
    order[at++] = i;
    for (let k = childStart[i + 1] - 1; k >= childStart[i]; k--) {
      depth[children[k]] = depth[i] + 1;
      stack[top++] = children[k];
    }
  }
  return { order, depth };
}

// A parent that is out of range is none; a span that is its own ancestor becomes a root.
function cutCycles(parents: ArrayLike<number>, n: number): Int32Array {
  const parent = new Int32Array(n).fill(-1);
  for (let i = 0; i < n; i++) {
    const p = parents[i];
    parent[i] = p >= 0 && p < n && p !== i ? p : -1;
  }
  const seen = new Int32Array(n); // the walk that came by, 0 none
  for (let i = 0; i < n; i++) {
    for (let j = i; j >= 0 && seen[j] === 0; j = parent[j]) {
      seen[j] = i + 1;
      const p = parent[j];
      if (p >= 0 && seen[p] === i + 1) {
        parent[j] = -1;
      }
    }
  }
  return parent;
}
