// What is shown of a file while there is no trace of it to draw.
import React from 'react';
import { spans, traces as countTraces } from '../../language/counts';
import { t } from '../../language/t';
import type { Palette } from '../../canvas/theme';
import { formatCount, formatTime } from '../../trace/format';
import { StateFrame } from '../States';
import { OpenFile } from './OpenFile';
import type { FileContents } from './traceFiles';

const Back = ({ press }: { press: () => void }) => (
  <button type="button" className="tl-button tl-quiet" onClick={press}>
    {t('file.back', 'Back to the dashboard’s trace')}
  </button>
);

export function FileFailed({ palette, name, why, back }: { palette: Palette; name: string; why: string; back: () => void }) {
  return (
    <StateFrame palette={palette}>
      <div className="tl-state" role="alert">
        <h3>
          <span style={{ color: 'var(--tl-error)' }}>!</span> {t('file.failed', '{{name}} could not be opened', { name })}
        </h3>
        <div style={{ maxWidth: 720, overflowWrap: 'anywhere' }}>{why}</div>
        <div style={{ display: 'flex', gap: 8 }}>
          <OpenFile className="tl-button">{t('file.another', 'Open another file…')}</OpenFile>
          <Back press={back} />
        </div>
      </div>
    </StateFrame>
  );
}

interface FileChoiceProps {
  palette: Palette;
  name: string;
  contents: FileContents;
  choose: (trace: string) => void;
  back: () => void;
  formatStart: (ms: number) => string;
}

/** Which of a file's traces is to be shown. */
export function FileChoice({ palette, name, contents, choose, back, formatStart }: FileChoiceProps) {
  const { format, traces, leftOut } = contents;
  return (
    <StateFrame palette={palette}>
      <div className="tl-file-choice">
        <h3>
          {t('file.has', '{{name}} ({{format}}) has {{traces}}', { name, format, traces: countTraces(traces.length) })}
        </h3>
        {leftOut.length > 0 && <div className="tl-dim">{t('file.left-out', 'Left out: {{what}}', { what: leftOut.join('; ') })}</div>}
        <ul aria-label={t('file.traces', 'Traces of the file')}>
          {traces.map((trace) => (
            <li key={trace.id}>
              <button type="button" className="tl-menu-item" onClick={() => choose(trace.id)}>
                <span className="tl-clip">
                  <b>{trace.service}</b> {trace.name || t('file.no-name', '(no name)')}
                </span>
                <span className="tl-dim">
                  {formatTime(trace.duration)}, {spans(trace.spans)}
                  {trace.failed > 0 && `, ${t('file.trace-failed', '{{n}} failed', { n: formatCount(trace.failed) })}`}, {formatStart(Number(trace.startNs) / 1e6)}
                </span>
              </button>
            </li>
          ))}
        </ul>
        <div style={{ display: 'flex', gap: 8 }}>
          <button type="button" className="tl-button" onClick={() => choose('all')}>
            {t('file.show-all', 'Show all as one')}
          </button>
          <Back press={back} />
        </div>
      </div>
    </StateFrame>
  );
}
