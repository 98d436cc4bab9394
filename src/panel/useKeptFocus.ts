import type React from 'react';
import { useCallback, useLayoutEffect, useRef } from 'react';

export interface KeptFocus {
  onFocus: (e: React.FocusEvent) => void;
  onBlur: () => void;
}

/**
 * The focus stays inside an element when what had it is taken away: without this the browser puts
 * it on the page, and the next key goes nowhere. `heir` says who has it then.
 */
export function useKeptFocus(heir: (gone: HTMLElement) => HTMLElement | null | undefined): KeptFocus {
  const focused = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    const gone = focused.current;
    if (gone && !gone.isConnected) {
      focused.current = null;
      if (!document.activeElement || document.activeElement === document.body) {
        heir(gone)?.focus();
      }
    }
  });
  return {
    onFocus: useCallback((e) => (focused.current = e.target as HTMLElement), []),
    onBlur: useCallback(() => (focused.current = null), []), // React tells it of no element that it takes away
  };
}

/** Elements that Tab stops at. */
export const STOPS = ':is(button,input,select,textarea):not(:disabled,[hidden],[tabindex="-1"]),a[href],[tabindex="0"]';
