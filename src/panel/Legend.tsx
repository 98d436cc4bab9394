// Every name that has a colour, where colour stands for something else than the service: the
// list of services has its own.
import React, { useMemo } from 'react';
import { fieldName } from './fieldName';
import { andMore } from '../language/counts';
import { t } from '../language/t';
import { formatCount } from '../trace/format';
import { groupCounts } from '../trace/group';
import { useTrace } from './context';
import { toneFill } from './cssFill';

/** Names listed; a trace may have one for each span. */
const MOST = 300;

export function Legend() {
  const { analysis, palette, tones, state, act } = useTrace();
  const { trace } = analysis;
  const groups = useMemo(() => groupCounts(trace), [trace]);
  if (trace.groupBy === 'service') {
    return null;
  }
  const words = fieldName(trace.groupBy, trace.groupBy);
  return (
    <fieldset data-testid="legend">
      <legend>{words}</legend>
      <div className="tl-menu-list">
        {groups.slice(0, MOST).map(([name, count]) => (
          <button key={name} className="tl-menu-item" aria-pressed={name !== '' && state.onlyGroup === name} disabled={name === ''} title={name} onClick={() => act.only(name)}>
            <span className="tl-legend-name">
              <i className="tl-swatch" style={{ background: toneFill(palette, tones.of(name)) }} /> {name || t('view.none', 'no {{field}}', { field: words.toLowerCase() })}
            </span>
            <span className="tl-dim">{formatCount(count)}</span>
          </button>
        ))}
      </div>
      {groups.length > MOST && <span className="tl-dim">{andMore(groups.length - MOST)}</span>}
    </fieldset>
  );
}
