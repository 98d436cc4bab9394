// What the panel shows when there is no trace to draw.
import React, { useState } from 'react';
import type { Palette } from '../canvas/theme';
import { cssVariables, STYLES } from './styles';

interface Frame {
  palette: Palette;
  children: React.ReactNode;
}

function Frame({ palette, children }: Frame) {
  return (
    <div className="tl" role="region" aria-label="Trace" style={cssVariables(palette) as React.CSSProperties}>
      <style>{STYLES}</style>
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

export function Loading({ palette, words = 'Looking for spans' }: { palette: Palette; words?: string }) {
  return (
    <Frame palette={palette}>
      <Busy words={words} />
    </Frame>
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

export function Empty({ palette, asked, open }: { palette: Palette; asked: string; open?: (id: string) => void }) {
  const [id, setId] = useState('');
  return (
    <Frame palette={palette}>
      <div className="tl-state">
        <h3>{asked ? 'No spans of this trace' : 'No trace selected'}</h3>
        <div className="tl-dim">
          {asked ? (
            <>
              Nothing was found for <span className="tl-mono">{asked}</span>.
            </>
          ) : (
            'Pick a request in the list, or paste a trace id.'
          )}
        </div>
        {open && (
          <form
            style={{ display: 'flex', gap: 8 }}
            onSubmit={(e) => {
              e.preventDefault();
              if (id.trim()) {
                open(id.trim());
              }
            }}
          >
            <input className="tl-input tl-mono" style={{ width: 280 }} placeholder="trace id" aria-label="Trace id" value={id} onChange={(e) => setId(e.currentTarget.value)} />
            <button className="tl-button" type="submit">
              Open
            </button>
          </form>
        )}
      </div>
    </Frame>
  );
}

export function Failed({ palette, message, details, retry }: { palette: Palette; message: string; details?: string; retry?: () => void }) {
  return (
    <Frame palette={palette}>
      <div className="tl-state" role="alert">
        <h3>
          <span style={{ color: 'var(--tl-error)' }}>!</span> The trace could not be read
        </h3>
        <div className="tl-dim">Nothing is drawn, because a cut trace looks like a whole one.</div>
        <div className="tl-mono tl-dim" style={{ maxWidth: 720, overflowWrap: 'anywhere' }}>
          {message}
        </div>
        <div style={{ display: 'flex', gap: 8 }}>
          {retry && (
            <button className="tl-button" onClick={retry}>
              Try again
            </button>
          )}
          <button className="tl-button tl-quiet" onClick={() => navigator.clipboard?.writeText([message, details].filter(Boolean).join('\n'))}>
            Copy details
          </button>
        </div>
      </div>
    </Frame>
  );
}
