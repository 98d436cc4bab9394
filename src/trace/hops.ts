// The way of a request through its observation points: c-p, c, c-nd, s-nd, s, s-p. Two
// points that follow each other on that way leave no room for an unseen hop; any other
// pair does, and the time between them must not be blamed on a layer.
import { Point, Source } from './model';
import type { Trace } from './model';
import type { Steps } from './steps';

const CHUNK = 16_384; // spans between stops

const HOPS_ACROSS = [Point.ClientProcess, Point.Client, Point.ClientNode, Point.ServerNode, Point.Server, Point.ServerProcess];
const HOPS_INSIDE = [Point.ClientProcess, Point.Client, Point.Server, Point.ServerProcess];

export const isHop = (t: Trace, i: number): boolean => t.source[i] !== Source.App && t.point[i] <= Point.ServerProcess;

/** True where `child` was seen further along the same request than `parent`. */
export const continuesCall = (t: Trace, parent: number, child: number): boolean =>
  isHop(t, parent) && isHop(t, child) && t.point[child] > t.point[parent];

/** Observation points a call should have: six across nodes, four inside one. */
export const expectedPoints = (across: boolean): readonly Point[] => (across ? HOPS_ACROSS : HOPS_INSIDE);

/** For each span, how many hops between it and its parent nobody saw. */
export function* missingSteps(t: Trace): Steps<Uint8Array> {
  const missing = new Uint8Array(t.length);
  for (let i = 0; i < t.length; i++) {
    if (i % CHUNK === CHUNK - 1) {
      yield;
    }
    const p = t.parent[i];
    if (p >= 0) {
      missing[i] = between(t, p, i);
    }
  }
  return missing;
}

function between(t: Trace, p: number, i: number): number {
  if (t.source[p] === Source.App && t.source[i] === Source.App && t.service[p] === t.service[i] && t.text.kind[p] !== 'CLIENT' && t.text.kind[p] !== 'client') {
    return 0; // code to code of one service, which most links are
  }
  const across = t.text.node[p] !== t.text.node[i];
  const way = expectedPoints(across || [t.point[p], t.point[i]].some((x) => x === Point.ClientNode || x === Point.ServerNode));
  if (continuesCall(t, p, i)) {
    const skipped = way.indexOf(t.point[i]) - way.indexOf(t.point[p]) - 1;
    return skipped > 0 ? skipped : 0;
  }
  // From code to code of another process: a whole call lies between.
  if (t.source[p] === Source.App && t.source[i] === Source.App) {
    const remote = t.text.kind[i].toUpperCase() === 'SERVER' && t.text.kind[p].toUpperCase() === 'CLIENT';
    return remote || (t.service[p] !== t.service[i] && t.services[t.service[p]] !== '' && t.services[t.service[i]] !== '') ? way.length : 0;
  }
  // From a hop into code: only from the server's process nothing is missing.
  if (isHop(t, p) && t.source[i] === Source.App && t.point[p] !== Point.ServerProcess) {
    return way.length - 1 - way.indexOf(t.point[p]);
  }
  // From code to a hop: only the client's process is next.
  if (t.source[p] === Source.App && isHop(t, i) && t.point[i] > Point.ClientProcess) {
    return way.indexOf(t.point[i]);
  }
  return 0;
}
