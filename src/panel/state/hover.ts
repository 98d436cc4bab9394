// What the pointer is on. It changes with every move of the mouse, so it is no part of the
// state that all views are drawn from: who follows it subscribes.
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Highlight } from '../../canvas/scene';

export class Hover {
  private pointed: Highlight | null = null;
  private readonly listeners = new Set<() => void>();

  /** A layer, or a group's share of it, in the header; null when the pointer leaves. */
  readonly point = (highlight: Highlight | null) => {
    this.pointed = highlight;
    this.listeners.forEach((listener) => listener());
  };
  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  readonly snapshot = () => this.pointed;
}

export const HoverContext = createContext(new Hover());

/** For who tells what is pointed at. */
export const useHover = (): Hover => useContext(HoverContext);

/** For who draws it. */
export function usePointed(): Highlight | null {
  const hover = useHover();
  return useSyncExternalStore(hover.subscribe, hover.snapshot, hover.snapshot);
}
