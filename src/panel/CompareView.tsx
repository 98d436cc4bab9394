// This trace beside another one: layers, services and hops with their difference.
import React, { useMemo, useState } from 'react';
import type { Analysis } from '../trace/analysis';
import { compare, difference, type Pair } from '../trace/compare';
import { formatTime } from '../trace/format';
import { Layer, LAYER_NAMES } from '../trace/model';
import { useTrace } from './context';
import { layerFill } from './cssFill';

export interface Comparable {
  /** The other trace, null while there is none. */
  other: Analysis | null;
  /** What went wrong when it was asked for, and whether it is on its way. */
  error?: string;
  loading?: boolean;
  /** Asks for another trace by its id; undefined where nobody can be asked. */
  open?: (id: string) => void;
}

const MOST = 200;

export function CompareView({ comparable }: { comparable: Comparable }) {
  const { other, error, loading } = comparable;
  return (
    <div className="tl-scroll" tabIndex={0} role="group" aria-label="Comparison">
      <div className="tl-note" style={{ borderTop: 0 }}>
        <Ask comparable={comparable} />
        {loading && <span role="status">Looking for it</span>}
        {error && (
          <span role="alert" style={{ color: 'var(--tl-error)' }}>
            {error}
          </span>
        )}
      </div>
      {other ? (
        <Compared other={other} />
      ) : (
        <p className="tl-dim" style={{ padding: '6px 12px' }}>
          Choose another trace of the same kind: its differences are listed by layer, service and hop, the largest first, and add up to the difference of the durations.
          {!comparable.open && ' Here it comes from a second query of the panel.'}
        </p>
      )}
    </div>
  );
}

function Ask({ comparable }: { comparable: Comparable }) {
  const [id, setId] = useState('');
  const { open, other } = comparable;
  if (!open) {
    return <span className="tl-dim">{other ? `with ${other.trace.meta.traceId}` : 'No second trace'}</span>;
  }
  return (
    <form
      style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}
      onSubmit={(e) => {
        e.preventDefault();
        if (id.trim()) {
          open(id.trim());
        }
      }}
    >
      <input className="tl-input tl-mono" style={{ width: 280 }} placeholder="id of another trace" aria-label="Id of the trace to compare with" value={id} onChange={(e) => setId(e.currentTarget.value)} />
      <button className="tl-button" type="submit">
        Compare
      </button>
    </form>
  );
}

function Compared({ other }: { other: Analysis }) {
  const { analysis, palette } = useTrace();
  const c = useMemo(() => compare(other, analysis), [other, analysis]);
  const layers = c.layers
    .filter(({ layer, times }) => layer !== Layer.Unseen || times[0] + times[1] > 0)
    .map(({ layer, times }): Pair & { swatch: string } => ({ key: LAYER_NAMES[layer], times, counts: [1, 1], rows: [-1, -1], swatch: layerFill(palette, layer) }));
  const changed = c.spans.filter((p) => p.times[0] + p.times[1] > 0);
  return (
    <>
      <p style={{ padding: '2px 12px 8px' }} data-testid="compared">
        This trace took <b>{formatTime(c.totals[1])}</b>, the other <b>{formatTime(c.totals[0])}</b>: <b>{signed(c.totals[1] - c.totals[0])}</b>
        {changed.length > 0 && difference(changed[0]) !== 0 && (
          <>
            , most of it ({signed(difference(changed[0]))}) in {changed[0].key}
          </>
        )}
        .
      </p>
      <Table title="Layer" pairs={layers} />
      <Table title="Service" pairs={c.services} />
      <Table title="Span or hop" pairs={changed} />
    </>
  );
}

function Table({ title, pairs }: { title: string; pairs: Array<Pair & { swatch?: string }> }) {
  const { select } = useTrace();
  const most = Math.max(1, ...pairs.map((p) => Math.abs(difference(p))));
  return (
    <table className="tl-table tl-compare" aria-label={`Difference by ${title.toLowerCase()}`}>
      <colgroup>
        <col />
        <col style={{ width: 110 }} />
        <col style={{ width: 110 }} />
        <col style={{ width: 110 }} />
        <col style={{ width: 220 }} />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" className="tl-right">
            Other
          </th>
          <th scope="col" className="tl-right">
            This
          </th>
          <th scope="col" className="tl-right">
            Difference
          </th>
          <th scope="col">Shorter, longer</th>
        </tr>
      </thead>
      <tbody>
        {pairs.slice(0, MOST).map((p) => (
          <tr key={p.key}>
            <td title={p.key}>
              {p.swatch && <i className="tl-swatch" style={{ background: p.swatch, marginRight: 8, verticalAlign: -2 }} />}
              {p.rows[1] >= 0 ? <button onClick={() => select(p.rows[1], true)}>{p.key}</button> : p.key}
              {p.counts[0] !== p.counts[1] && (
                <span className="tl-dim">
                  {' '}
                  {p.counts[0]}× → {p.counts[1]}×
                </span>
              )}
            </td>
            <td className="tl-right tl-dim">{p.counts[0] > 0 ? formatTime(p.times[0]) : 'none'}</td>
            <td className="tl-right">{p.counts[1] > 0 ? formatTime(p.times[1]) : 'none'}</td>
            <td className="tl-right">
              <b>{signed(difference(p))}</b>
            </td>
            <td>
              <span className="tl-balance" aria-hidden>
                <i className={difference(p) < 0 ? 'tl-less' : 'tl-more'} style={{ width: `${(Math.abs(difference(p)) / most) * 50}%` }} />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const signed = (ns: number): string => (ns === 0 ? '±0' : `${ns > 0 ? '+' : '−'}${formatTime(Math.abs(ns))}`);
