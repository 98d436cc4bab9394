import React from 'react';
import { t } from '../../language/t';
import { formatTime } from '../../trace/format';
import { useTrace } from '../context';
import { DifferLink } from '../differing/DifferLink';

/** The two points of the ruler, from the trace's start. */
export function RangeEnds({ from, to }: { from: number; to: number }) {
  const { analysis, viewport, act } = useTrace();
  const start = analysis.trace.from;
  return (
    <span className="tl-range" data-testid="range">
      <span className="tl-dim">
        {t('header.range', '{{from}} to {{to}}', { from: formatTime(from - start), to: formatTime(to - start) })}
      </span>
      <button className="tl-link" onClick={() => viewport.show(from, to)}>
        {t('toolbar.zoom', 'Zoom')}
      </button>
      <DifferLink of="range" />
      <button className="tl-link" aria-label={t('header.unmark', 'Take the marked range away')} onClick={() => act.mark(null)}>
        ✕
      </button>
    </span>
  );
}
