// The way of a request through its observation points: c-p, c, c-nd, s-nd, s, s-p.
import { Point, Source } from './model';
import type { Trace } from './model';

const HOPS_ACROSS = [Point.ClientProcess, Point.Client, Point.ClientNode, Point.ServerNode, Point.Server, Point.ServerProcess];
const HOPS_INSIDE = [Point.ClientProcess, Point.Client, Point.Server, Point.ServerProcess];

export const isHop = (t: Trace, i: number): boolean => t.source[i] !== Source.App && t.point[i] <= Point.ServerProcess;

/** True where `child` was seen further along the same request than `parent`. */
export const continuesCall = (t: Trace, parent: number, child: number): boolean =>
  isHop(t, parent) && isHop(t, child) && t.point[child] > t.point[parent];

/** Observation points a call should have: six across nodes, four inside one. */
export const expectedPoints = (across: boolean): readonly Point[] => (across ? HOPS_ACROSS : HOPS_INSIDE);

/** True where the points of a call were seen on more than one node. */
export function isAcross(t: Trace, hops: Int32Array): boolean {
  for (const i of hops) {
    if (t.point[i] === Point.ClientNode || t.point[i] === Point.ServerNode || t.text.node[i] !== t.text.node[hops[0]]) {
      return true;
    }
  }
  return false;
}

/** The process that made the call a network span belongs to, as far up as it was seen. */
export function callerOf(t: Trace, span: number): number {
  let i = span;
  while (t.source[i] === Source.Net && t.parent[i] >= 0) {
    i = t.parent[i];
  }
  return i;
}
