import type React from 'react';
import { useEffect } from 'react';
import type { Viewport } from '../canvas/viewport';

/** Ctrl and the wheel zoom the time that a column of a table shows, Shift pans it; else the table scrolls. */
export function useWheelZoom(box: React.RefObject<HTMLElement | null>, column: string, viewport: Viewport): void {
  useEffect(() => {
    const element = box.current;
    const wheel = (e: WheelEvent) => {
      const track = element?.querySelector(column)?.getBoundingClientRect();
      if (!track || track.width <= 0 || !(e.ctrlKey || e.metaKey || e.shiftKey)) {
        return;
      }
      e.preventDefault();
      if (e.shiftKey) {
        viewport.pan((e.deltaX || e.deltaY) / track.width, false);
      } else {
        viewport.zoom(Math.exp(e.deltaY * 0.002), viewport.from + ((e.clientX - track.left) / track.width) * viewport.span, false);
      }
    };
    element?.addEventListener('wheel', wheel, { passive: false }); // React listens to it passively
    return () => element?.removeEventListener('wheel', wheel);
  }, [box, column, viewport]);
}
