import React, { useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useTrace } from './context';
import { cssVariables } from './styles';

const GAP = 14;
const EDGE = 8;

/**
 * A box that follows the pointer and stays inside the window; x and y are of the page. It
 * hangs on the page's body, because a panel clips what leaves it.
 */
export function Floating({ at, children }: { at: { x: number; y: number }; children?: React.ReactNode }) {
  const { palette } = useTrace();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current!;
    const { width, height } = element.getBoundingClientRect();
    const below = at.y + GAP + 2;
    const beside = Math.max(EDGE, Math.min(window.innerHeight - height - EDGE, at.y - height / 2));
    element.style.left = `${Math.max(EDGE, Math.min(window.innerWidth - width - EDGE, at.x + GAP))}px`;
    element.style.top = `${below + height > window.innerHeight - EDGE ? beside : below}px`;
  });
  return createPortal(
    <div className="tl-float tl-tip" ref={box} role="tooltip" style={cssVariables(palette) as React.CSSProperties}>
      {children}
    </div>,
    document.body
  );
}
