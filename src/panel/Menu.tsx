import React, { useEffect, useRef } from 'react';
import { useTrace } from './context';
import type { ViewState } from './state/view';

interface MenuProps {
  menu: Exclude<ViewState['menu'], ''>;
  name: string;
  title: string;
  /** Says that something in it is not as at first. */
  active?: boolean;
  children: React.ReactNode;
}

/** A button of the toolbar and what it opens; closed by Esc or by a press elsewhere. */
export function Menu({ menu, name, title, active, children }: MenuProps) {
  const { state, act } = useTrace();
  const open = state.menu === menu;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) {
      return;
    }
    box.current?.querySelector<HTMLElement>('select,input,.tl-menu button')?.focus();
    const close = (e: PointerEvent) => {
      if (!box.current?.contains(e.target as Node)) {
        act.openMenu('');
      }
    };
    document.addEventListener('pointerdown', close);
    return () => document.removeEventListener('pointerdown', close);
  }, [open, act]);
  return (
    <div className="tl-menu-at" ref={box}>
      <button
        className="tl-icon"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-pressed={active || undefined}
        title={title}
        onClick={() => act.openMenu(open ? '' : menu)}
      >
        {name} ▾
      </button>
      {open && (
        <div className="tl-menu" role="dialog" aria-label={title}>
          {children}
        </div>
      )}
    </div>
  );
}
