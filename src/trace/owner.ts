// Whose a slice of time is, and what a span's end is called.
import { callerOf } from './hops';
import { Layer, Point, serviceOf, Source, type Trace } from './model';

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

/** Service, pod or node of a span: the best name there is for who it belongs to. */
export const endName = (t: Trace, i: number): string =>
  (t.source[i] === Source.Net ? '' : serviceOf(t, i)) ||
  t.text.pod[i] ||
  t.text.ofPod[i] ||
  (t.point[i] <= Point.ClientNode ? t.text.client[i] : t.text.server[i]) ||
  t.text.node[i] ||
  'an unknown process';

/** Who calls, and who is called, by the first and the last point of a call. */
export const callerName = (t: Trace, first: number): string => t.text.client[first] || endName(t, first);
export const calleeName = (t: Trace, last: number): string => t.text.server[last] || endName(t, last);
