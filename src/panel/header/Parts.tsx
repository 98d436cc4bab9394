import React, { useState } from 'react';
import { t } from '../../language/t';
import { isOwned } from '../../trace/breakdown';
import { formatShare, formatTime } from '../../trace/format';
import { groupOf } from '../../trace/model';
import type { Account, Part } from '../../trace/parts';
import { useTrace } from '../context';
import { cssFill } from '../cssFill';
import { Menu } from '../Menu';

const CHIPS = 3;
const MOST = 40; // in the list

/** The parts that the sentence is made from, the largest first: some beside each other, all in a list. */
export function Parts({ account: { parts, total } }: { account: Account }) {
  const { analysis, act } = useTrace();
  const show = useShowPart();
  const [all, setAll] = useState(false);
  if (analysis.trace.length < 2 || parts.length === 0) {
    return null;
  }
  return (
    <span className="tl-parts">
      <span className="tl-chips">
        {parts.slice(0, CHIPS).map((part) => (
          <button key={part.key} className="tl-chip" title={t('header.part', 'Zoom to the longest of it: {{part}}', { part: part.text })} onClick={() => show(part)}>
            <Swatch part={part} />
            <b>{formatTime(part.time)}</b>
            <span className="tl-clip">{part.text}</span>
          </button>
        ))}
      </span>
      {parts.length > 1 && (
        <Menu menu="parts" name={t('header.parts', '{{n}} parts', { n: parts.length })} title={t('header.parts-title', 'All parts of the time')} wide>
          <ol className="tl-part-list">
            {parts.slice(0, all ? parts.length : MOST).map((part) => (
              <li key={part.key}>
                <button
                  title={part.text}
                  onClick={() => {
                    act.openMenu('');
                    show(part);
                  }}
                >
                  <Swatch part={part} />
                  <b>{formatTime(part.time)}</b>
                  <span className="tl-dim">{formatShare(part.time, total)}</span>
                  <span>{part.text}</span>
                </button>
              </li>
            ))}
          </ol>
          {parts.length > MOST && !all && (
            <button className="tl-link" onClick={() => setAll(true)}>
              {t('header.all-parts', 'All {{n}}', { n: parts.length })}
            </button>
          )}
        </Menu>
      )}
    </span>
  );
}

function Swatch({ part }: { part: Part }) {
  const { analysis, palette, tones } = useTrace();
  return <i className="tl-swatch" style={{ background: cssFill(palette, tones, part.layer, isOwned(part.layer) ? groupOf(analysis.trace, part.row) : '') }} />;
}

function useShowPart(): (part: Part) => void {
  const { viewport, select } = useTrace();
  return ({ from, to, row }) => {
    const margin = (to - from) * 0.35;
    viewport.show(from - margin, to + margin);
    select(row, true);
  };
}
