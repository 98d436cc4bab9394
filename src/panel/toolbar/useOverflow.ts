import type React from 'react';
import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import { STOPS, useKeptFocus, type KeptFocus } from '../useKeptFocus';
import { movedItems } from './overflow';

/** The button that opens the menu: as wide as the style sheet makes it, with its gap. */
const MENU = 34;
const NONE: ReadonlySet<string> = new Set();

export interface Overflow {
  /** What has no room in the bar. */
  moved: ReadonlySet<string>;
  /** For the bar. */
  focus: KeptFocus;
}

/**
 * Measures a bar whose items are marked `data-item`, in it and in its menu, whose button is marked
 * `data-more`; what is not marked stays, and needs its min-width. Keys come by rank, the most
 * wanted first. Who has the focus in an item keeps it when that moves: in the bar again, or on the
 * button of the menu that it is in now.
 */
export function useOverflow(bar: React.RefObject<HTMLElement | null>, ranked: readonly string[]): Overflow {
  const [moved, setMoved] = useState(NONE);
  const widths = useRef(new Map<string, number>()); // as they were when last in the bar
  const keys = ranked.join();
  const measure = useCallback(() => {
    const element = bar.current;
    if (!element || element.clientWidth === 0) {
      return; // it is not shown
    }
    for (const item of element.querySelectorAll<HTMLElement>('[data-item]')) {
      widths.current.set(item.dataset.item!, item.offsetWidth + px(getComputedStyle(item.parentElement!).columnGap));
    }
    const { columnGap, paddingLeft, paddingRight } = getComputedStyle(element);
    const stays = [...element.children].filter((child) => !child.matches('[data-item],[data-more]'));
    const taken = stays.reduce((sum, child) => sum + px(getComputedStyle(child).minWidth) + px(columnGap), 0);
    const room = element.clientWidth - px(paddingLeft) - px(paddingRight) - taken;
    const next = movedItems(keys.split(',').map((key) => ({ key, width: widths.current.get(key) ?? 0 })), room, MENU);
    setMoved((old) => (old.size === next.size && [...next].every((key) => old.has(key)) ? old : next));
  }, [bar, keys]);

  useLayoutEffect(() => {
    measure();
    if (typeof ResizeObserver === 'undefined') {
      return;
    }
    const observer = new ResizeObserver(measure);
    observer.observe(bar.current!);
    bar.current!.querySelectorAll('[data-item]').forEach((item) => observer.observe(item));
    return () => observer.disconnect();
  }, [bar, measure, moved]);

  const focus = useKeptFocus((gone) => {
    const item = gone.closest<HTMLElement>('[data-item]')?.dataset.item;
    const place = bar.current?.querySelector<HTMLElement>(`[data-item="${item}"]`) ?? bar.current?.querySelector<HTMLElement>('[data-more]');
    return place?.matches(STOPS) ? place : place?.querySelector<HTMLElement>(STOPS);
  });
  return { moved, focus };
}

const px = (length: string): number => parseFloat(length) || 0;
