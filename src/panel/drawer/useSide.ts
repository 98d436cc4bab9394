import type React from 'react';
import { useLayoutEffect, useState } from 'react';
import { headOf, Scale, type Size } from '../../canvas/scale';
import { barOf } from '../../trace/layout';
import { useTrace, type TraceView } from '../context';
import { sideFor, type Box, type Side } from './side';

interface Sheet {
  room: Size;
  size: number;
  atBottom: boolean;
  /** Pixels at the top that it never covers. */
  head: number;
}

/** On which side the details of a row lie; asked again with each selection, not while the view moves. */
export function useSide(row: number, stage: React.RefObject<HTMLElement | null>, { room, size, atBottom, head }: Sheet): Side {
  const view = useTrace();
  const [side, setSide] = useState<Side>('end');
  useLayoutEffect(() => {
    const choose = () => {
      const box = selectedBox(view, row, stage.current);
      if (box) {
        setSide((now) => sideFor(box, room, size, atBottom, now, head));
      }
      return box !== null;
    };
    if (choose()) {
      return;
    }
    const later = requestAnimationFrame(choose); // a row that is scrolled to is in the page by then
    return () => cancelAnimationFrame(later);
  }, [row, view.state.tab, atBottom]); // eslint-disable-line react-hooks/exhaustive-deps -- as it is when it is selected
  return side;
}

/** Where the stage shows a span: its bar, else its row of a table. */
function selectedBox({ layout, viewport }: TraceView, row: number, stage: HTMLElement | null): Box | null {
  const outer = stage?.getBoundingClientRect();
  const canvas = stage?.querySelector('canvas[data-testid=throughline-flame]')?.getBoundingClientRect();
  if (!stage || !outer) {
    return null;
  }
  if (canvas) {
    const bar = barOf(layout, row);
    const scale = new Scale(viewport.aimed.from, viewport.aimed.to, canvas.width);
    const top = headOf(canvas.height).height + (layout.y[bar] ?? -1) - viewport.top;
    const [left, right] = [scale.x(layout.start[bar]), scale.x(layout.end[bar])];
    const seen = (layout.y[bar] ?? -1) >= 0 && right >= 0 && left <= canvas.width && top >= 0 && top <= canvas.height;
    return seen ? { left, right: Math.max(right, left + 1), top, bottom: top + layout.height[bar] } : null;
  }
  const element = stage.querySelector('tr[aria-selected=true]')?.getBoundingClientRect();
  return element ? { left: element.left - outer.left, right: element.right - outer.left, top: element.top - outer.top, bottom: element.bottom - outer.top } : null;
}
