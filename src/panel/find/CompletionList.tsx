import React, { useEffect, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { t } from '../../language/t';
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
const headOf = (of: 'key' | 'operator' | 'value'): string =>
  ({ key: t('find.by', 'Find by'), operator: t('find.compare', 'How to compare'), value: t('find.values', 'Values in this trace') })[of];

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
        {place?.of === 'value' ? t('find.values-of', 'Values in this trace of {{key}}', { key: place.key }) : place ? headOf(place.of) : ''}
      </div>
      <ul role="listbox" id={id} aria-label={headOf(place?.of ?? 'key')}>
        {offers.map((offer, k) => (
          <li key={`${offer.text} ${offer.note}`} id={optionId(id, k)} role="option" aria-selected={k === active} onClick={() => choose(offer)}>
            <span>{offer.text}</span>
            <span className="tl-dim">{offer.note}</span>
          </li>
        ))}
      </ul>
      {waiting && <div className="tl-dim">{place?.of === 'value' ? t('find.asking-values', 'Asking for values …') : t('find.asking-attributes', 'Asking for attributes …')}</div>}
      {leftOut && <div className="tl-dim">{leftOut}</div>}
      <div className="tl-dim tl-offers-help">
        <b>{t('find.form', 'key=value')}</b>, {t('find.form-help', 'also != > < >= <= and =~ with a regular expression; * is any text; blanks need "quotes". All words must hold.')}
      </div>
    </div>,
    document.body
  );
}
