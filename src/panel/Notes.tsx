// What the reader must know before believing the picture: what is missing, how it is drawn.
import React from 'react';
import { spans } from '../language/counts';
import { t } from '../language/t';
import { clip } from '../trace/clip';
import { formatCount } from '../trace/format';
import { labelOf } from '../trace/label';
import { pathTo } from '../trace/model';
import { useTrace } from './context';
import { LARGE } from '../trace/worker/client';
import { TEXTURE_FROM } from './state/view';
import { useClient } from './traceWorker';

export function Notes({ snapshot }: { snapshot: boolean }) {
  const { analysis, layout, state, act } = useTrace();
  const { trace } = analysis;
  const client = useClient();
  return (
    <>
      {!client.beside && trace.length > LARGE && (
        <div className="tl-note" role="status">
          <span className="tl-dim">{t('notes.no-worker', 'This page may start no worker (a policy, or a file that is missing), so that a trace of this size halts it for moments.')}</span>
        </div>
      )}
      {trace.meta.truncated && (
        <div className="tl-note tl-warn" role="status">
          <b>{t('header.partial', 'Partial')}</b>
          <span>{trace.meta.truncated}</span>
        </div>
      )}
      {snapshot && (
        <div className="tl-note" role="note">
          <b>{t('notes.snapshot', 'Snapshot')}</b>
          <span className="tl-dim">
            {t('notes.snapshot-help', 'This trace alone was kept. What its spans say beyond their bars, other traces, attributes to colour by and OTLP exports are not here: the data source would have to be asked.')}
          </span>
        </div>
      )}
      {trace.length === 1 && (
        <div className="tl-note">
          <span className="tl-dim">{t('notes.one', 'One span. Nothing else in the range shares its ids, its connection or its thread.')}</span>
        </div>
      )}
      {layout.density === 'texture' && state.tab === 'flame' && (
        <div className="tl-note">
          <b>{spans(trace.length)}</b>
          <span className="tl-dim">{t('notes.texture', 'drawn as texture: every span is in the picture. Point at one for its surroundings; rows have names.')}</span>
          <span className="tl-grow" />
          <button className="tl-link" onClick={() => act.draw('strands')}>
            {t('notes.rows', 'Show rows')}
          </button>
        </div>
      )}
      {layout.density === 'alike' && (state.tab === 'flame' || state.tab === 'waterfall') && (
        <div className="tl-note">
          <b>
            {t('notes.in-bars', '{{spans}} in {{bars}} bars', { spans: spans(trace.length), bars: formatCount(layout.order.length) })}
          </b>
          <span className="tl-dim">{t('notes.alike', '20 and more alike siblings are one bar: its area is how many ran at each instant. Double click or Enter opens one.')}</span>
          <span className="tl-grow" />
          {state.openGroups.size > 0 && (
            <button className="tl-link" onClick={() => act.closeGroups()}>
              {state.openGroups.size === 1 ? t('notes.close-group', 'Close 1 group') : t('notes.close-groups', 'Close {{n}} groups', { n: state.openGroups.size })}
            </button>
          )}
          <button className="tl-link" onClick={() => act.draw(trace.length > TEXTURE_FROM ? 'texture' : 'strands')}>
            {t('notes.every', 'Every span')}
          </button>
        </div>
      )}
      {state.focus >= 0 && <Crumbs row={state.focus} />}
    </>
  );
}

const SHOWN = 5;
const CRUMB = 60; // characters of a name

function Crumbs({ row }: { row: number }) {
  const { analysis, focusSubtree } = useTrace();
  const { trace } = analysis;
  const path = pathTo(trace, row);
  const shown = path.length > SHOWN ? [path[0], -1, ...path.slice(-3)] : path;
  return (
    <div className="tl-crumbs">
      <span>{t('notes.focus', 'Focus')}</span>
      {shown.map((r, k) => (
        <React.Fragment key={r}>
          {k > 0 && <span>›</span>}
          {r < 0 ? (
            <span>…</span>
          ) : (
            <button className="tl-link" title={labelOf(trace, r)} onClick={() => focusSubtree(trace.parent[r] < 0 ? -1 : r)}>
              {clip(labelOf(trace, r), CRUMB)}
            </button>
          )}
        </React.Fragment>
      ))}
      <span className="tl-grow" />
      <button className="tl-link" onClick={() => focusSubtree(-1)}>
        {t('notes.whole', 'Whole trace (Esc)')}
      </button>
    </div>
  );
}
