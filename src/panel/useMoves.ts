import { useCallback } from 'react';
import { headOf, scrollLimit } from '../canvas/scale';
import type { Viewport } from '../canvas/viewport';
import type { Analysis } from '../trace/analysis';
import { barOf, type Layout } from '../trace/layout';
import type { Trace } from '../trace/model';
import type { Actions } from './state/actions';

interface Moves {
  select: (row: number, reveal?: boolean) => void;
  zoomTo: (row: number) => void;
  focusSubtree: (row: number) => void;
  travel: (by: -1 | 1) => boolean;
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
      const room = height - headOf(height).height;
      const unseen = y < viewport.top || y > viewport.top + room - 30;
      const beyond = trace.end[row] < viewport.from || trace.start[row] > viewport.to;
      const middle = (trace.start[row] + trace.end[row]) / 2;
      viewport.reveal({
        ...(unseen ? { top: Math.max(0, Math.min(scrollLimit(layout.total, height), y - room / 2)) } : {}),
        ...(beyond ? { from: middle - viewport.span / 2, to: middle + viewport.span / 2 } : {}),
      });
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
      const { from, to } = around(trace, row);
      viewport.show(from, to);
    },
    [trace, viewport]
  );
  const focusSubtree = useCallback(
    (row: number) => {
      act.focus(row);
      if (row < 0) {
        shown.enter('');
      } else {
        viewport.enter(trace.text.id[row], around(trace, row));
      }
    },
    [act, trace, viewport, shown]
  );
  const travel = useCallback(
    (by: -1 | 1) => {
      const to = shown.step(by);
      if (to && shown === viewport) {
        act.focus(to.subtree ? Array.prototype.indexOf.call(trace.text.id, to.subtree) : -1);
      }
      return to !== null;
    },
    [act, trace, viewport, shown]
  );
  return { select, zoomTo, focusSubtree, travel };
}

/** The time of a span, and a little beside it. */
function around({ start, end }: Trace, row: number): { from: number; to: number } {
  const margin = Math.max(end[row] - start[row], 1000) * 0.04;
  return { from: start[row] - margin, to: end[row] + margin };
}
