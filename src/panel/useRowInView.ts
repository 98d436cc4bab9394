import type React from 'react';
import { useLayoutEffect } from 'react';

interface Rows {
  /** Place of the row, -1 for none. */
  at: number;
  height: number;
  /** Height of the heading that stays on top. */
  heading: number;
}

/** Scrolls to a row when it becomes another one's (`of`), not when the user scrolled away from it. */
export function useRowInView(box: React.RefObject<HTMLElement | null>, of: string, { at, height, heading }: Rows): void {
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || at < 0 || of === '') {
      return;
    }
    const room = element.clientHeight - heading;
    const y = at * height;
    if (y < element.scrollTop || y + height > element.scrollTop + room) {
      element.scrollTop = Math.max(0, y - (room - height) / 2);
    }
  }, [box, of]); // eslint-disable-line react-hooks/exhaustive-deps -- where the row is by then
}
