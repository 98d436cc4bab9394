import React from 'react';
import { t } from '../../language/t';
import { useTrace } from '../context';
import { Popover } from '../Menu';

/** The button at the end of the toolbar, and the menu of what has no room beside it. */
export function More({ button, children }: { button: React.RefObject<HTMLButtonElement | null>; children: React.ReactNode }) {
  const { state, act } = useTrace();
  const open = state.menu === 'more';
  return (
    <>
      <button ref={button} className="tl-icon tl-more" data-more aria-label={t('toolbar.more', 'More actions')} aria-haspopup="dialog" aria-expanded={open} title={t('toolbar.more', 'More actions')} onClick={() => act.openMenu(open ? '' : 'more')}>
        ⋯
      </button>
      <Popover menu="more" title={t('toolbar.more', 'More actions')} opener={button}>
        {children}
      </Popover>
    </>
  );
}

/** A control of the toolbar as a line of the menu. */
export const MoreLine = ({ item, name, children }: { item: string; name: string; children: React.ReactNode }) => (
  <div className="tl-menu-row" data-item={item}>
    <span>{name}</span>
    {children}
  </div>
);

/** Something that is opened by a press; the menu closes. */
export const MoreItem = ({ item, onClick, children }: { item: string; onClick: () => void; children: React.ReactNode }) => (
  <button className="tl-menu-item" data-item={item} onClick={onClick}>
    {children}
  </button>
);
