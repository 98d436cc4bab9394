// Spans that belong to one beyond its parent: what it called, what else was like it, where
// its error comes from, and links that were offered but not made.
import type { Analysis } from './analysis';
import { foldName } from './fold';
import { isHop } from './hops';
import { serviceOf } from './model';
import type { Trace } from './model';

interface Related {
  /** Children by duration, the longest first, and how many there are. */
  children: number[];
  childCount: number;
  /** Others of the same service and name, the longest first; place of this one among all, from 1. */
  alike: number[];
  alikeCount: number;
  place: number;
  /** Where the error below starts, -1 for none or for itself. */
  origin: number;
  /** Parents that were offered to this span, and children it was offered to. */
  weak: Array<{ row: number; asParent: boolean; reason: string }>;
}

const LISTED = 5;

export function relatedTo({ trace: t }: Analysis, row: number): Related {
  const duration = (i: number) => t.end[i] - t.start[i];
  const longest = (a: number, b: number) => duration(b) - duration(a) || a - b;
  const children = [...t.children.subarray(t.childStart[row], t.childStart[row + 1])].sort(longest);
  const alike: number[] = [];
  const sameName = nameTest(t.text.name[row]);
  for (let i = 0; i < t.length; i++) {
    if (isSameKind(t, i, row) && sameName(t.text.name[i])) {
      alike.push(i);
    }
  }
  alike.sort(longest);
  return {
    children: children.slice(0, LISTED),
    childCount: children.length,
    alike: alike.filter((i) => i !== row).slice(0, LISTED),
    alikeCount: alike.length,
    place: alike.indexOf(row) + 1,
    origin: t.error[row] && !t.origin[row] ? originBelow(t, row) : -1,
    weak: t.meta.weak.filter((w) => w.span === row || w.parent === row).map((w) => (w.span === row ? { row: w.parent, asParent: true, reason: w.reason } : { row: w.span, asParent: false, reason: w.reason })),
  };
}

// Names repeat: what was looked at once is known.
function nameTest(name: string): (other: string) => boolean {
  const known = new Map<string, boolean>([[name, true]]);
  const kind = foldName(name);
  return (other) => {
    let same = known.get(other);
    if (same === undefined) {
      known.set(other, (same = foldName(other) === kind));
    }
    return same;
  };
}

function isSameKind(t: Trace, i: number, row: number): boolean {
  return (
    t.source[i] === t.source[row] &&
    t.point[i] === t.point[row] &&
    (isHop(t, row) && serviceOf(t, row) === '' ? t.text.server[i] === t.text.server[row] : t.service[i] === t.service[row])
  );
}

function originBelow(t: Trace, row: number): number {
  const stack = [row];
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    if (t.origin[i]) {
      return i;
    }
    for (let k = t.childStart[i + 1] - 1; k >= t.childStart[i]; k--) {
      if (t.error[t.children[k]]) {
        stack.push(t.children[k]);
      }
    }
  }
  return -1;
}
