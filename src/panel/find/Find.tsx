// The Find field: what it finds is counted, stepped through and, where asked, shown alone.
import React, { useContext, useId, useLayoutEffect, useRef, useState } from 'react';
import { t } from '../../language/t';
import { accept, type Offer } from '../../trace/find/completion';
import { formatCount } from '../../trace/format';
import { StageId, useTrace } from '../context';
import type { Found } from '../useFind';
import { DifferLink } from '../differing/DifferLink';
import { CompletionList, optionId } from './CompletionList';
import { useCompletion } from './useCompletion';

export interface FindProps {
  found: Found;
  /** Place of the selected span among the matches, -1 for none. */
  at: number;
  goToHit: (step: 1 | -1) => void;
  findBox: React.RefObject<HTMLInputElement | null>;
}

export function Find({ found: { hits, waiting, problem }, at, goToHit, findBox }: FindProps) {
  const { analysis, state, act } = useTrace();
  const stage = useContext(StageId);
  const list = useId();
  const [open, setOpen] = useState(false);
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(-1);
  const completion = useCompletion(analysis.trace, state.query, caret, open);
  const { place, offers } = completion;
  const shown = open && place !== null && (offers.length > 0 || completion.waiting || completion.leftOut !== '');
  const count = hits ? (at >= 0 ? `${at + 1} / ${formatCount(hits.rows.length)}` : t('find.count', '{{found}} of {{all}}', { found: formatCount(hits.rows.length), all: formatCount(analysis.trace.length) })) : '';

  // Where the caret belongs after what was chosen is written.
  const moveTo = useRef(-1);
  useLayoutEffect(() => {
    if (moveTo.current >= 0) {
      findBox.current?.setSelectionRange(moveTo.current, moveTo.current);
      moveTo.current = -1;
    }
  }, [state.query, findBox]);
  const choose = (offer: Offer) => {
    const written = accept(state.query, place!, offer);
    act.find(written.text);
    setCaret((moveTo.current = written.caret));
    setActive(-1);
    setOpen(!offer.insert.endsWith(' ')); // a word is whole: there is nothing more to write of it
  };
  const typed = (e: React.ChangeEvent<HTMLInputElement>) => {
    const { value, selectionStart } = e.currentTarget;
    const to = selectionStart ?? value.length;
    act.find(value);
    setCaret(to);
    setActive(-1);
    setOpen(value.slice(0, to).trimEnd() !== '' && !/\s$/.test(value.slice(0, to)));
  };
  const onKeyDown = (e: React.KeyboardEvent<HTMLInputElement>) => {
    e.stopPropagation(); // what is typed is no key of the graph
    switch (e.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        e.preventDefault();
        if (!shown) {
          setCaret(e.currentTarget.selectionStart ?? state.query.length);
          setOpen(true);
        }
        const step = e.key === 'ArrowDown' ? 1 : -1;
        setActive(offers.length === 0 ? 0 : active < 0 ? (step > 0 ? 0 : offers.length - 1) : (active + step + offers.length) % offers.length);
        return;
      }
      case 'Enter':
        e.preventDefault();
        if (shown && offers[active]) {
          choose(offers[active]);
        } else {
          setOpen(false);
          goToHit(e.shiftKey ? -1 : 1);
        }
        return;
      case 'Escape':
        if (shown) {
          setOpen(false);
          return;
        }
        act.find('');
        document.getElementById(stage)?.querySelector<HTMLElement>('[tabindex="0"]')?.focus(); // the keys are the graph's again
    }
  };
  return (
    <div className="tl-find">
      <span className="tl-dim" aria-hidden>
        ⌕
      </span>
      <input
        ref={findBox}
        value={state.query}
        placeholder={t('find.placeholder', 'Find: text, key=value, >5ms')}
        title={t('find.help', 'Text in any value, key=value, key>5, >5ms, error, slow. ↓ offers the keys of this trace.')}
        aria-label={t('find.spans', 'Find spans')}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls={shown ? list : undefined}
        aria-activedescendant={shown && offers[active] ? optionId(list, active) : undefined}
        aria-invalid={problem !== '' || undefined}
        autoComplete="off"
        spellCheck={false}
        onChange={typed}
        onSelect={(e) => setCaret(e.currentTarget.selectionStart ?? 0)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {shown && <CompletionList id={list} completion={completion} active={active} field={findBox} choose={choose} />}
      {waiting && (
        <span className="tl-dim" title={t('find.asking', 'Asking for attributes, resources and events')} data-testid="finding">
          …
        </span>
      )}
      <span className="tl-dim" aria-live="polite">
        {count}
      </span>
      {problem && (
        <span className="tl-failed" role="alert" title={problem} data-testid="find-problem">
          <span aria-hidden>!</span>
          <span className="tl-sr">{problem}</span>
        </span>
      )}
      {state.query !== '' && (
        <button aria-label={t('find.only', 'Matches only')} aria-pressed={state.matchesOnly} title={t('find.only-help', 'Only matches, and what is above them')} onClick={() => act.toggleMatchesOnly()}>
          ▽
        </button>
      )}
      {hits && hits.rows.length > 0 && <DifferLink of="found" sign />}
      <button aria-label={t('find.previous', 'Previous match')} onClick={() => goToHit(-1)}>
        ‹
      </button>
      <button aria-label={t('find.next', 'Next match')} onClick={() => goToHit(1)}>
        ›
      </button>
    </div>
  );
}
