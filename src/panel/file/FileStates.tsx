// What is shown of a file while there is no trace of it to draw.
import React from 'react';
import type { Palette } from '../../canvas/theme';
import { formatCount, formatTime, plural } from '../../trace/format';
import { StateFrame } from '../States';
import { OpenFile } from './OpenFile';
import type { FileContents } from './traceFiles';

const Back = ({ press }: { press: () => void }) => (
  <button type="button" className="tl-button tl-quiet" onClick={press}>
    Back to the dashboard’s trace
  </button>
);

export function FileFailed({ palette, name, why, back }: { palette: Palette; name: string; why: string; back: () => void }) {
  return (
    <StateFrame palette={palette}>
      <div className="tl-state" role="alert">
        <h3>
          <span style={{ color: 'var(--tl-error)' }}>!</span> {name} could not be opened
        </h3>
        <div style={{ maxWidth: 720, overflowWrap: 'anywhere' }}>{why}</div>
        <div style={{ display: 'flex', gap: 8 }}>
          <OpenFile className="tl-button">Open another file…</OpenFile>
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
          {name} ({format}) has {plural(traces.length, 'trace')}
        </h3>
        {leftOut.length > 0 && <div className="tl-dim">Left out: {leftOut.join('; ')}</div>}
        <ul aria-label="Traces of the file">
          {traces.map((t) => (
            <li key={t.id}>
              <button type="button" className="tl-menu-item" onClick={() => choose(t.id)}>
                <span className="tl-clip">
                  <b>{t.service}</b> {t.name || '(no name)'}
                </span>
                <span className="tl-dim">
                  {formatTime(t.duration)}, {formatCount(t.spans)} spans{t.failed > 0 ? `, ${formatCount(t.failed)} failed` : ''}, {formatStart(Number(t.startNs) / 1e6)}
                </span>
              </button>
            </li>
          ))}
        </ul>
        <div style={{ display: 'flex', gap: 8 }}>
          <button type="button" className="tl-button" onClick={() => choose('all')}>
            Show all as one
          </button>
          <Back press={back} />
        </div>
      </div>
    </StateFrame>
  );
}
