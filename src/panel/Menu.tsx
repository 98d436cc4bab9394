import React, { useCallback, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useTrace } from './context';
import type { ViewState } from './state/view';
import { cssVariables } from './styles';
import { STOPS } from './useKeptFocus';

interface PopoverProps {
  menu: Exclude<ViewState['menu'], ''>;
  title: string;
  /** It lists sentences. */
  wide?: boolean;
  /** The button that it hangs under, and to which the focus returns. */
  opener: React.RefObject<HTMLButtonElement | null>;
  children: React.ReactNode;
}

interface MenuProps extends Omit<PopoverProps, 'opener'> {
  name: string;
  /** Says that something in it is not as at first. */
  active?: boolean;
  /** The button of another menu, in which its own is a line. */
  opener?: PopoverProps['opener'];
}

const EDGE = 8;
const LEAST = 120; // px of height: below that it opens over the button

/** A button and what it opens. */
export function Menu({ name, active, opener, ...popover }: MenuProps) {
  const { state, act } = useTrace();
  const { menu, title } = popover;
  const open = state.menu === menu;
  const own = useRef<HTMLButtonElement>(null);
  return (
    <>
      {!opener && (
        <button ref={own} className="tl-icon" aria-haspopup="dialog" aria-expanded={open} aria-pressed={active || undefined} title={title} onClick={() => act.openMenu(open ? '' : menu)}>
          {name} ▾
        </button>
      )}
      <Popover {...popover} opener={opener ?? own} />
    </>
  );
}

/**
 * What a button opens; closed by Esc or by a press elsewhere. It hangs on the page's body,
 * because a panel clips what leaves it and may be lower than a menu.
 */
export function Popover({ menu, title, wide, opener, children }: PopoverProps) {
  const { state, act, palette } = useTrace();
  const open = state.menu === menu;
  const box = useRef<HTMLDivElement>(null);
  const place = useCallback(() => {
    if (!box.current || !opener.current) {
      return;
    }
    const { left, right, top, bottom } = opener.current.getBoundingClientRect();
    const { offsetWidth: width, style } = box.current;
    const below = window.innerHeight - bottom - EDGE;
    style.left = `${Math.max(EDGE, Math.min(window.innerWidth - width - EDGE, left + width > window.innerWidth - EDGE ? right - width : left))}px`;
    style.maxHeight = `${Math.max(LEAST, Math.max(below, top - EDGE) - 4)}px`;
    style.top = below >= Math.min(box.current.scrollHeight, LEAST) || below >= top ? `${bottom + 4}px` : 'auto';
    style.bottom = style.top === 'auto' ? `${window.innerHeight - top + 4}px` : 'auto';
  }, [opener]);
  useLayoutEffect(() => {
    if (open) {
      place();
    }
  });
  // In the layout phase: who keeps the panel's focus (useKeptFocus) must find it on the opener again.
  useLayoutEffect(() => {
    if (!open) {
      return;
    }
    box.current?.querySelector<HTMLElement>(STOPS)?.focus();
    const outside = (e: Event) => !box.current?.contains(e.target as Node) && !opener.current?.contains(e.target as Node);
    const close = (e: PointerEvent) => outside(e) && act.openMenu('');
    const follow = (e: Event) => outside(e) && place(); // the page scrolled under it
    document.addEventListener('pointerdown', close);
    window.addEventListener('resize', place);
    window.addEventListener('scroll', follow, true);
    const back = opener.current;
    const own = box.current;
    return () => {
      document.removeEventListener('pointerdown', close);
      window.removeEventListener('resize', place);
      window.removeEventListener('scroll', follow, true);
      if (!document.activeElement || document.activeElement === document.body || own?.contains(document.activeElement)) {
        back?.focus(); // what had the focus is gone
      }
    };
  }, [open, act, place, opener]);
  return (
    open &&
    createPortal(
      <div className={`tl-float tl-menu${wide ? ' tl-menu-wide' : ''}`} ref={box} role="dialog" aria-label={title} style={cssVariables(palette) as React.CSSProperties} onKeyDown={cycle}>
        {children}
      </div>,
      document.body
    )
  );
}

/** Tab goes round in what is open: behind it the page ends. */
function cycle(e: React.KeyboardEvent<HTMLElement>) {
  if (e.key !== 'Tab') {
    return;
  }
  const stops = [...e.currentTarget.querySelectorAll<HTMLElement>(STOPS)].filter((stop) => !stop.matches('[type=radio]:not(:checked)')); // a choice of one is one stop
  const [from, to] = e.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (document.activeElement === from) {
    e.preventDefault();
    to?.focus();
  }
}
