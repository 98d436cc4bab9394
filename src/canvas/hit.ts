// What is under the pointer: exact first, else the nearest bar within a few pixels, so
// that strands of four pixels can be caught.
import { firstAbove } from '../trace/bisect';
import type { Analysis } from '../trace/analysis';
import type { SpanEvent } from '../trace/events';
import { holderAt } from '../trace/holder';
import type { Layout } from '../trace/layout';
import { Layer } from '../trace/model';
import { anchorOf, freeBelow } from './anchor';
import { calloutHeight } from './callouts';
import { firstRow } from './rows';
import type { Scale } from './scale';

const REACH = 4;

/** `y` is in layout pixels. Returns the bar, of a span or of a group of them, -1 for none. */
export function barAt(l: Layout, scale: Scale, x: number, y: number): number {
  const time = scale.time(x);
  let best = -1;
  let distance = REACH;
  for (let row = firstRow(l, y - REACH); row < l.rowY.length && l.rowY[row] <= y + REACH; row++) {
    const after = firstAbove(l.from, time, l.rowStart[row], l.rowStart[row + 1]);
    for (let k = Math.max(l.rowStart[row], after - 1); k <= after && k < l.rowStart[row + 1]; k++) {
      const i = l.order[k];
      const x0 = scale.x(l.from[k]) - 1;
      const x1 = Math.max(scale.x(l.to[k]), x0 + 3);
      const d = Math.max(0, l.y[i] - y, y - l.y[i] - l.height[i]) + Math.max(0, x0 - x, x - x1);
      if (d < distance) {
        distance = d;
        best = i;
      }
    }
  }
  return best;
}

const EVENT_REACH = 6; // pixels from the middle of an event's mark

/** The event of a span whose mark the point is on, -1 for none. */
export function eventAt(l: Layout, row: number, events: readonly SpanEvent[], scale: Scale, x: number, y: number): number {
  if (events.length === 0 || Math.abs(y - l.y[row]) > EVENT_REACH) {
    return -1;
  }
  let best = -1;
  let distance = EVENT_REACH;
  events.forEach(({ time }, k) => {
    const d = Math.abs(scale.x(time) - x);
    if (d < distance) {
      distance = d;
      best = k;
    }
  });
  return best;
}

/** The held segment whose empty space below it the point is in, -1 for none. */
export function calloutAt(a: Analysis, l: Layout, scale: Scale, x: number, y: number): number {
  const k = holderAt(a.holders, scale.time(x));
  if (k < 0) {
    return -1;
  }
  const i = anchorOf(a.trace, l, a.holders.span[k]);
  if (i < 0 || !freeBelow(l, i, a.holders.from[k], a.holders.to[k])) {
    return -1;
  }
  const bottom = l.y[i] + l.height[i];
  const layer = a.slices.layer[a.holders.slice[k]] as Layer;
  return y > bottom && y < bottom + calloutHeight(layer) ? k : -1;
}
