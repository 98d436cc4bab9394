// What the panel shows when there is no trace to draw.
import React, { useState } from 'react';
import { t } from '../language/t';
import type { Palette } from '../canvas/theme';
import { OpenFile } from './file/OpenFile';
import { cssVariables } from './styles';

interface StateFrameProps {
  palette: Palette;
  children: React.ReactNode;
}

/** The panel without a trace. */
export function StateFrame({ palette, children }: StateFrameProps) {
  return (
    <div className="tl" role="region" aria-label={t('state.trace', 'Trace')} style={cssVariables(palette) as React.CSSProperties}>
      <div className="tl-main" style={{ borderTop: 0 }}>
        <div className="tl-stage">{children}</div>
      </div>
    </div>
  );
}

// Bars of a trace that could be any: left and width in percent, height in pixels.
const SKELETON = [
  [1, 98, 15], [2, 95, 4], [2, 95, 4], [3, 94, 15], [4, 92, 18], [5, 90, 18], [5, 28, 18], [5, 26, 4], [5, 25, 4], [5, 24, 15], [5, 22, 18],
  [38, 56, 18], [38, 55, 18], [38, 55, 4], [38, 54, 4], [38, 52, 18], [38, 40, 18], [38, 37, 18],
] as const;

export function Loading({ palette, words }: { palette: Palette; words?: string }) {
  return (
    <StateFrame palette={palette}>
      <Busy words={words ?? t('state.looking', 'Looking for spans')} />
    </StateFrame>
  );
}

/** Inside of a panel that is there already. */
export function Busy({ words }: { words: string }) {
  return (
    <>
      <div className="tl-dim" role="status" style={{ position: 'absolute', left: 12, top: 10 }}>
        {words}
      </div>
      {SKELETON.map(([left, width, height], k) => (
        <i key={k} className="tl-skeleton" style={{ left: `${left}%`, width: `${width}%`, top: 44 + k * 19, height }} />
      ))}
    </>
  );
}

interface IdBoxProps {
  /** Opens the trace with this id; without it nobody can be asked. */
  open?: (id: string) => void;
  /** Name of the data source that is asked, where the panel's query does not say it. */
  source?: string;
}

export function Empty({ palette, asked, ...box }: IdBoxProps & { palette: Palette; asked: string }) {
  return (
    <StateFrame palette={palette}>
      <div className="tl-state">
        <h3>{asked ? t('state.no-spans', 'No spans of this trace') : t('state.none', 'No trace selected')}</h3>
        <div className="tl-dim">
          {asked ? (
            <>
              {t('state.nothing-for', 'Nothing was found for:')} <span className="tl-mono">{asked}</span>
            </>
          ) : box.open ? (
            t('state.pick-or-paste', 'Pick a request in the list, paste a trace id, or drop a saved trace here.')
          ) : (
            t('state.pick', 'Pick a request in the list, or drop a saved trace here.')
          )}
        </div>
        <IdBox {...box} />
        <OpenFile />
      </div>
    </StateFrame>
  );
}

/** The query answered something else: what it was, and what to do. */
export function WrongData({ palette, got, advice, ...box }: IdBoxProps & { palette: Palette; got: readonly string[]; advice: string }) {
  return (
    <StateFrame palette={palette}>
      <div className="tl-state" role="alert">
        <h3>{t('state.wrong', 'These data are no trace of Throughline')}</h3>
        <div>{t('state.answered', 'The query answered {{what}}.', { what: got.join('; ') })}</div>
        <div className="tl-dim">
          {advice}
          {box.open && ` ${t('state.or-paste', 'Or paste a trace id.')}`}
        </div>
        <IdBox {...box} />
      </div>
    </StateFrame>
  );
}

function IdBox({ open, source }: IdBoxProps) {
  const [id, setId] = useState('');
  return (
    open && (
      <form
        className="tl-ask-id"
        onSubmit={(e) => {
          e.preventDefault();
          if (id.trim()) {
            open(id.trim());
          }
        }}
      >
        <input className="tl-input tl-mono" placeholder={source ? t('state.id-in', 'trace id, in {{source}}', { source }) : t('state.id', 'trace id')} aria-label={t('state.trace-id', 'Trace id')} value={id} onChange={(e) => setId(e.currentTarget.value)} />
        <button className="tl-button" type="submit">
          {t('state.open', 'Open')}
        </button>
      </form>
    )
  );
}

/** Nobody answered: Grafana's refresh button takes back what is under way. */
export function NotRead({ palette, retry }: { palette: Palette; retry: () => void }) {
  return (
    <StateFrame palette={palette}>
      <div className="tl-state" role="alert">
        <h3>{t('state.not-read', 'The trace was not read')}</h3>
        <div className="tl-dim">{t('state.cancelled', 'Its query was cancelled before it was answered.')}</div>
        <button className="tl-button" onClick={retry}>
          {t('state.again', 'Try again')}
        </button>
      </div>
    </StateFrame>
  );
}

export function Failed({ palette, message, details, retry }: { palette: Palette; message: string; details?: string; retry?: () => void }) {
  return (
    <StateFrame palette={palette}>
      <div className="tl-state" role="alert">
        <h3>
          <span style={{ color: 'var(--tl-error)' }}>!</span> {t('state.failed', 'The trace could not be read')}
        </h3>
        <div className="tl-dim">{t('state.failed-why', 'Nothing is drawn, because a cut trace looks like a whole one.')}</div>
        <div className="tl-mono tl-dim" style={{ maxWidth: 720, overflowWrap: 'anywhere' }}>
          {message}
        </div>
        <div style={{ display: 'flex', gap: 8 }}>
          {retry && (
            <button className="tl-button" onClick={retry}>
              {t('state.again', 'Try again')}
            </button>
          )}
          <button className="tl-button tl-quiet" onClick={() => navigator.clipboard?.writeText([message, details].filter(Boolean).join('\n'))}>
            {t('state.copy-details', 'Copy details')}
          </button>
        </div>
      </div>
    </StateFrame>
  );
}
