import React, { useContext, useLayoutEffect, useRef } from 'react';
import { t } from '../../language/t';
import { StageId, useTrace } from '../context';
import { shownTab, tabName, tabsOf } from '../state/choices';

/** One tab stop; arrows move among all views and show them, also those that have moved into the menu. */
export function Tabs({ moved }: { moved: ReadonlySet<string> }) {
  const { analysis, state, act } = useTrace();
  const tabs = tabsOf(analysis.trace);
  const shown = shownTab(analysis.trace, state.tab);
  const list = useRef<HTMLDivElement>(null);
  const panel = useContext(StageId);
  const stepped = useRef(false);
  useLayoutEffect(() => {
    if (stepped.current) {
      stepped.current = false;
      list.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
    }
  }, [shown]);
  const onKeyDown = (e: React.KeyboardEvent) => {
    const at = tabs.indexOf(shown);
    const moves: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    if (!(e.key in moves)) {
      return;
    }
    e.preventDefault();
    e.stopPropagation();
    stepped.current = true; // it is there once it is shown
    act.show(tabs[(moves[e.key] + tabs.length) % tabs.length]);
  };
  return (
    <div className="tl-tabs" role="tablist" aria-label={t('toolbar.view', 'View')} ref={list} onKeyDown={onKeyDown}>
      {tabs
        .filter((tab) => tab === shown || !moved.has(tab))
        .map((tab) => (
          <button key={tab} data-item={tab} role="tab" aria-selected={shown === tab} aria-controls={panel} tabIndex={shown === tab ? 0 : -1} onClick={() => act.show(tab)}>
            {tabName(tab)}
          </button>
        ))}
    </div>
  );
}
