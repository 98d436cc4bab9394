import { useCallback } from 'react';
import { HEAD, scrollLimit } from '../canvas/scale';
import type { Viewport } from '../canvas/viewport';
import type { Analysis } from '../trace/analysis';
import { barOf, type Layout } from '../trace/layout';
import type { Actions } from './state/actions';

export interface Moves {
  select: (row: number, reveal?: boolean) => void;
  zoomTo: (row: number) => void;
  focusSubtree: (row: number) => void;
}

interface Place {
  analysis: Analysis;
  layout: Layout;
  /** Of the trace's own graph, and of the view that is shown. */
  viewport: Viewport;
  shown: Viewport;
  height: number;
}

/** Ways to a span: to select it, to bring it into view, to have its subtree alone. */
export function useMoves({ analysis, layout, viewport, shown, height }: Place, act: Actions, onSelect: (row: number) => void): Moves {
  const { trace, calls } = analysis;
  const reveal = useCallback(
    (row: number) => {
      const y = layout.y[barOf(layout, row)] ?? -1;
      if (y < 0) {
        return;
      }
      const room = height - HEAD;
      if (y < viewport.top || y > viewport.top + room - 30) {
        viewport.scroll(y - room / 2, scrollLimit(layout.total, height));
      }
      if (trace.end[row] < viewport.from || trace.start[row] > viewport.to) {
        const middle = (trace.start[row] + trace.end[row]) / 2;
        viewport.show(middle - viewport.span / 2, middle + viewport.span / 2);
      }
    },
    [layout, height, trace, viewport]
  );
  const select = useCallback(
    (row: number, show = false) => {
      act.select(row);
      if (row >= 0 && calls.of[row] >= 0) {
        act.showCall(calls.of[row]);
      }
      onSelect(row);
      if (show && row >= 0) {
        reveal(row);
      }
    },
    [act, calls, onSelect, reveal]
  );
  const zoomTo = useCallback(
    (row: number) => {
      const margin = Math.max(trace.end[row] - trace.start[row], 1000) * 0.04;
      viewport.show(trace.start[row] - margin, trace.end[row] + margin);
    },
    [trace, viewport]
  );
  const focusSubtree = useCallback(
    (row: number) => {
      act.focus(row);
      if (row < 0) {
        shown.showAll();
      } else {
        viewport.scroll(0, 0);
        zoomTo(row);
      }
    },
    [act, viewport, shown, zoomTo]
  );
  return { select, zoomTo, focusSubtree };
}
