import React, { useMemo } from 'react';
import { spans } from '../language/counts';
import { t } from '../language/t';
import { jsonText, toJson } from '../trace/export/json';
import { useTrace } from './context';
import { copyText } from './save';

const MOST = 500; // spans shown; the whole document can be copied

/** The trace as the panel got it, for copying into a report. */
export function JsonView() {
  const { analysis } = useTrace();
  const { trace } = analysis;
  const text = useMemo(() => JSON.stringify(toJson(trace, Math.min(trace.length, MOST)), null, 2), [trace]);
  return (
    <div className="tl-scroll">
      <div className="tl-note" style={{ borderTop: 0 }}>
        <span className="tl-dim">{trace.length > MOST ? t('json.first', 'the first {{n}} of {{spans}}', { n: MOST, spans: spans(trace.length) }) : spans(trace.length)}</span>
        <span className="tl-grow" />
        <button className="tl-link" onClick={async () => copyText((await jsonText(trace)).join(''))}>
          {t('json.copy', 'Copy all')}
        </button>
      </div>
      <pre tabIndex={0} aria-label={t('json.label', 'The trace as JSON')}>{text}</pre>
    </div>
  );
}
