import React, { useEffect, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import type { Offer } from '../../trace/find/completion';
import { useTrace } from '../context';
import { cssVariables } from '../styles';
import type { Completion } from './useCompletion';

interface CompletionListProps {
  id: string;
  completion: Completion;
  /** Which offer the keyboard is on, -1 for none. */
  active: number;
  /** The field it stands under. */
  field: React.RefObject<HTMLInputElement | null>;
  choose: (offer: Offer) => void;
}

export const optionId = (list: string, k: number): string => `${list}-${k}`;

const EDGE = 8;
const HEADS: Readonly<Record<'key' | 'operator' | 'value', string>> = { key: 'Find by', operator: 'How to compare', value: 'Values in this trace' };

/** What can be written in the Find field, under it. It hangs on the page's body: a panel clips what leaves it. */
export function CompletionList({ id, completion, active, field, choose }: CompletionListProps) {
  const { palette } = useTrace();
  const box = useRef<HTMLDivElement>(null);
  const { place, offers, waiting, leftOut } = completion;
  useLayoutEffect(() => {
    const { left, bottom } = (field.current!.closest('.tl-find') ?? field.current!).getBoundingClientRect();
    const { style, offsetWidth } = box.current!;
    style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - offsetWidth - EDGE))}px`;
    style.top = `${bottom + 4}px`;
    style.maxHeight = `${Math.max(120, window.innerHeight - bottom - 4 - EDGE)}px`;
  });
  useEffect(() => {
    document.getElementById(optionId(id, active))?.scrollIntoView?.({ block: 'nearest' });
  }, [id, active]);
  return createPortal(
    <div className="tl-float tl-menu tl-offers" ref={box} style={cssVariables(palette) as React.CSSProperties} onPointerDown={(e) => e.preventDefault() /* the field keeps the focus */}>
      <div className="tl-dim" aria-hidden>
        {place ? HEADS[place.of] : ''}
        {place?.of === 'value' && ` of ${place.key}`}
      </div>
      <ul role="listbox" id={id} aria-label={place ? HEADS[place.of] : 'Find by'}>
        {offers.map((offer, k) => (
          <li key={`${offer.text} ${offer.note}`} id={optionId(id, k)} role="option" aria-selected={k === active} onClick={() => choose(offer)}>
            <span>{offer.text}</span>
            <span className="tl-dim">{offer.note}</span>
          </li>
        ))}
      </ul>
      {waiting && <div className="tl-dim">Asking for {place?.of === 'value' ? 'values' : 'attributes'} …</div>}
      {leftOut && <div className="tl-dim">{leftOut}</div>}
      <div className="tl-dim tl-offers-help">
        <b>key=value</b>, also != &gt; &lt; &gt;= &lt;= and =~ with a regular expression; * is any text; blanks need "quotes". All words must hold.
      </div>
    </div>,
    document.body
  );
}
