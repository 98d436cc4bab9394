// Which bars are on screen: rows by their top, bars of a row by binary search. Bars of a
// row are disjoint and sorted, so the work is bounded by pixels and not by spans.
import { firstAbove, firstFrom } from '../trace/bisect';
import type { Layout } from '../trace/layout';
import type { Scale } from './scale';

const TALLEST = 24;

/** The first row whose bars may reach below `y`. */
export const firstRow = (l: Layout, y: number): number => firstFrom(l.rowY, y - TALLEST, 0, l.rowY.length);

/** The first place of a row whose bar ends after `time`. */
export const firstEnding = (l: Layout, row: number, time: number, from = l.rowStart[row]): number => firstAbove(l.to, time, from, l.rowStart[row + 1]);

/**
 * Calls back for each bar between two heights that is in view. A bar narrower than a
 * pixel stands for all that end in the same pixel; they are skipped in one search. Spans
 * narrower than `narrowest` are passed over, groups of spans never.
 */
export function visibleBars(
  l: Layout,
  scale: Scale,
  width: number,
  y0: number,
  y1: number,
  bar: (bar: number, x0: number, x1: number, y: number) => void,
  least = 0.8,
  narrowest = 0
): number {
  const [from, to] = [scale.time(-TALLEST), scale.time(width + TALLEST)];
  let drawn = 0;
  for (let row = firstRow(l, y0); row < l.rowY.length && l.rowY[row] <= y1; row++) {
    const end = l.rowStart[row + 1];
    for (let k = firstEnding(l, row, from); k < end; ) {
      const i = l.order[k];
      if (l.from[k] > to) {
        break;
      }
      const x0 = scale.x(l.from[k]);
      const x1 = scale.x(l.to[k]);
      if (x1 - x0 >= narrowest || i >= l.spans) {
        bar(i, x0, x1, l.rowY[row]);
        drawn++;
      }
      k = x1 - x0 < 1 && k + 1 < end && scale.x(l.to[k + 1]) < x0 + least ? firstEnding(l, row, scale.time(x0 + least), k + 1) : k + 1;
    }
  }
  return drawn;
}
