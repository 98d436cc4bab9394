import type React from 'react';
import { useState } from 'react';
import { useSize } from './useSize';

const MARGIN = 12; // rows kept above and below the view

/** Which rows of a long table are in view: only they are in the page. */
export function useRows(box: React.RefObject<HTMLElement | null>, count: number, rowHeight: number) {
  const { height } = useSize(box);
  const [top, setTop] = useState(0);
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + MARGIN);
  const first = Math.max(0, Math.min(end, Math.floor(top / rowHeight) - MARGIN));
  return { first, end, above: first * rowHeight, below: (count - end) * rowHeight, onScroll: (e: React.UIEvent) => setTop(e.currentTarget.scrollTop) };
}
