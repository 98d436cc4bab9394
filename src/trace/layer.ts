// Which layer holds a slice of a span: a part of it that no child covers. Who is on both
// sides decides; see the table in the panel's documentation. A slice beside a hop that
// nobody saw is "not seen", never a guess.
import { continuesCall, isHop } from './hops';
import { Confidence, Layer, Point, serviceOf, Source } from './model';
import type { Trace } from './model';

/** `before` and `after` are the children on the left and right of the slice, -1 for none. */
export function layerOf(t: Trace, span: number, before: number, after: number): Layer {
  const neighbour = after >= 0 ? after : before;
  if (besideGap(t, before, after) >= 0) {
    return Layer.Unseen;
  }
  if (!isHop(t, span) || t.point[span] === Point.ServerProcess) {
    return Layer.Code;
  }
  if (neighbour < 0 || !continuesCall(t, span, neighbour)) {
    return Layer.Unseen;
  }
  return t.source[span] === Source.Sys || t.source[neighbour] === Source.Sys ? Layer.Kernel : Layer.Network;
}

/** The child beside the slice that is linked over hops nobody saw, -1 for none. */
function besideGap(t: Trace, before: number, after: number): number {
  return after >= 0 && t.missing[after] > 0 ? after : before >= 0 && t.missing[before] > 0 ? before : -1;
}

/** Row whose service a slice is counted under, -1 for nobody: network belongs to the caller. */
export function ownerOf(t: Trace, span: number, before: number, after: number, layer: Layer): number {
  const neighbour = after >= 0 ? after : before;
  switch (layer) {
    case Layer.Unseen:
      return -1;
    case Layer.Kernel:
      return t.source[span] === Source.Net && neighbour >= 0 ? neighbour : span;
    case Layer.Network:
      return callerOf(t, span);
    default:
      return span;
  }
}

/** The process that made the call a network span belongs to, as far up as it was seen. */
export function callerOf(t: Trace, span: number): number {
  let i = span;
  while (t.source[i] === Source.Net && t.parent[i] >= 0) {
    i = t.parent[i];
  }
  return i;
}

/** What a slice was, in words. */
export function describeSlice(t: Trace, span: number, before: number, after: number, layer: Layer): string {
  const neighbour = after >= 0 ? after : before;
  const request = after >= 0; // the slice lies on the way there, else on the way back
  const who = endName(t, span);
  if (layer === Layer.Unseen) {
    const gap = besideGap(t, before, after);
    if (gap < 0) {
      return 'nothing seen beyond this point';
    }
    const n = t.missing[gap];
    return `${n} ${n > 1 ? 'hops' : 'hop'} not seen between ${who} and ${endName(t, gap)}`;
  }
  if (layer === Layer.Code) {
    if (isHop(t, span)) {
      return neighbour >= 0 ? `code of ${who} outside its code spans` : `code of ${who} (no code spans)`;
    }
    if (after >= 0 && t.point[after] === Point.ClientProcess && t.text.kind[span].toUpperCase() === 'CLIENT' && t.confidence[after] === Confidence.Proven) {
      return `code of ${who} before its request left: waiting for a connection`;
    }
    return `code of ${who}`;
  }
  if (layer === Layer.Kernel) {
    if (t.source[span] === Source.Sys) {
      return request ? `kernel send path in ${who}` : `answer waited for read() in ${who}`;
    }
    const callee = endName(t, neighbour);
    return request ? `request waited for read() in ${callee}` : `kernel send path in ${callee}`;
  }
  const [a, b] = request ? [span, neighbour] : [neighbour, span];
  if (t.text.node[a] === t.text.node[b]) {
    return `inside ${t.text.node[a]}`;
  }
  return `wire ${t.text.node[a]} → ${t.text.node[b]}`;
}

/** Service, pod or node of a span: the best name there is for who it belongs to. */
export const endName = (t: Trace, i: number): string =>
  (t.source[i] === Source.Net ? '' : serviceOf(t, i)) ||
  t.text.pod[i] ||
  t.text.ofPod[i] ||
  (t.point[i] <= Point.ClientNode ? t.text.client[i] : t.text.server[i]) ||
  t.text.node[i] ||
  'an unknown process';
