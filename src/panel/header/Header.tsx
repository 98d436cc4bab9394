// Whose trace it is, what failed, where the time went and what must be known beside it. All of
// it is one account (trace/parts.ts), so that no two of its figures say different things.
import React, { useMemo, useRef, useState } from 'react';
import { t } from '../../language/t';
import { breakDown } from '../../trace/breakdown';
import { formatTime } from '../../trace/format';
import { holdersOf } from '../../trace/holder';
import { accountOf, layersOf } from '../../trace/parts';
import { useTrace } from '../context';
import { useKeptFocus } from '../useKeptFocus';
import { Failures } from './Failures';
import { LayerButton } from './LayerButton';
import { Parts } from './Parts';
import { RangeEnds } from './RangeEnds';
import { Remarks } from './Remarks';
import { Stack } from './Stack';
import { Title } from './Title';
import { Trust } from './Trust';

interface HeaderProps {
  /** A Unix time in milliseconds as the dashboard writes it. */
  formatStart?: (ms: number) => string;
  /** There is no room for more than a line, until it is asked for. */
  low: boolean;
}

export function Header({ formatStart, low }: HeaderProps) {
  const { analysis, state } = useTrace();
  const { trace, slices } = analysis;
  const { range, focus } = state;
  const [from, to] = range ?? [-Infinity, Infinity];
  const root = focus < 0 ? trace.main : focus;
  const holders = useMemo(() => (focus < 0 ? analysis.holders : holdersOf(trace, slices, focus)), [analysis, trace, slices, focus]);
  const whole = focus < 0 && !range;
  const account = useMemo(() => (whole ? analysis.account : accountOf(analysis, holders, root, from, to)), [analysis, whole, holders, root, from, to]);
  const split = useMemo(() => breakDown(trace, slices, holders, from, to), [trace, slices, holders, from, to]);
  const [open, setOpen] = useState(false);
  const more = useRef<HTMLButtonElement>(null);
  const kept = useKeptFocus(() => more.current);
  const sentence = (
    <span className="tl-sentence" data-testid="sentence" title={account.sentence}>
      <span className="tl-dim">{t('header.largest', 'Largest part:')}</span> {account.sentence}
    </span>
  );
  if (low && !open) {
    return (
      <div className="tl-head tl-line" {...kept}>
        <Failures account={account} />
        {sentence}
        <button ref={more} className="tl-link" aria-expanded={false} onClick={() => setOpen(true)}>
          {t('header.more', 'More')}
        </button>
      </div>
    );
  }
  return (
    <div className="tl-head" {...kept}>
      <div className="tl-line">
        <Title formatStart={formatStart} />
        {low && (
          <button ref={more} className="tl-link" aria-expanded onClick={() => setOpen(false)}>
            {t('header.less', 'Less')}
          </button>
        )}
      </div>
      <div className="tl-told">
        <Failures account={account} />
        {sentence}
        <Remarks remarks={account.remarks} />
      </div>
      <div className="tl-layers">
        <h3>{range
            ? t('header.in-range', 'In the marked {{time}}', { time: formatTime(account.total) })
            : focus >= 0
              ? t('header.in-subtree', 'In the subtree’s {{time}}', { time: formatTime(account.total) })
              : t('header.where', '{{time}}, where it went', { time: formatTime(account.total) })}</h3>
        {layersOf(account).map((layer) => (
          <LayerButton key={layer} layer={layer} time={account.layers[layer]} total={account.total} />
        ))}
        <Trust />
        {range && <RangeEnds from={range[0]} to={range[1]} />}
        <Parts account={account} />
      </div>
      <Stack parts={split.parts} total={account.total} />
    </div>
  );
}
