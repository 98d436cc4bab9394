// What to compare with: the normal of its kind, a recent trace of the same request, or any
// by its id.
import React, { useEffect, useState } from 'react';
import { t } from '../language/t';
import { formatTime } from '../trace/format';
import { useTrace } from './context';
import type { Comparable, With } from './comparable';
import type { Candidate } from './recentTraces';

interface CompareWithProps {
  comparable: Comparable;
  beside: With;
  choose: (beside: With) => void;
  /** Whether anything usual is known. */
  usual: boolean;
  /** Whether only what differs is shown; undefined while there is nothing to fold. */
  folded?: boolean;
  fold: (on: boolean) => void;
}

export function CompareWith({ comparable, beside, choose, usual, folded, fold }: CompareWithProps) {
  const { open, other, recent } = comparable;
  return (
    <div className="tl-compare-with">
      <div className="tl-group" role="group" aria-label={t('compare.with', 'Compare with')}>
        <button aria-pressed={beside === 'usual'} disabled={!usual && !other} onClick={() => choose('usual')} title={t('compare.usual-help', 'Medians of the spans of its kind')}>
          {t('compare.usual', 'The usual')}
        </button>
        <button aria-pressed={beside === 'other'} onClick={() => choose('other')}>
          {t('compare.another', 'Another trace')}
        </button>
      </div>
      {beside === 'other' && recent && open && (
        <Recent
          recent={recent}
          open={(id) => {
            choose('other');
            open(id);
          }}
        />
      )}
      {beside === 'other' && open && <Ask open={open} />}
      {beside === 'other' && !open && <span className="tl-dim">{other ? t('compare.with-id', 'with {{id}}', { id: other.trace.meta.traceId }) : t('compare.no-second', 'No second trace')}</span>}
      {folded !== undefined && (
        <label className="tl-compare-fold">
          <input type="checkbox" checked={folded} onChange={() => fold(!folded)} />
          {t('compare.fold', 'Fold what is alike')}
        </label>
      )}
      {folded !== undefined && <Legend />}
    </div>
  );
}

function Ask({ open }: { open: (id: string) => void }) {
  const [id, setId] = useState('');
  return (
    <form
      className="tl-compare-ask"
      onSubmit={(e) => {
        e.preventDefault();
        if (id.trim()) {
          open(id.trim());
        }
      }}
    >
      <input className="tl-input tl-mono" placeholder={t('compare.id', 'id of a trace')} aria-label={t('compare.id-label', 'Id of the trace to compare with')} value={id} onChange={(e) => setId(e.currentTarget.value)} />
      <button className="tl-button" type="submit">
        {t('compare.compare', 'Compare')}
      </button>
    </form>
  );
}

function Recent({ recent, open }: { recent: NonNullable<Comparable['recent']>; open: (id: string) => void }) {
  const { meta, main, text } = useTrace().analysis.trace;
  const self = meta.traceId;
  const name = main < 0 ? '' : text.request[main] || text.name[main];
  const [found, setFound] = useState<Candidate[] | string | null>(null);
  useEffect(() => {
    let current = true;
    recent({ id: self, name, start: Number(meta.startNs) / 1e6 }).then(
      (list) => current && setFound(list.filter((c) => c.id !== self)),
      (e) => current && setFound(e instanceof Error ? e.message : t('compare.list-unread', 'the list could not be read'))
    );
    return () => {
      current = false;
    };
  }, [recent, name, self, meta.startNs]);
  if (typeof found === 'string') {
    return (
      <span className="tl-dim" role="status">
        {t('compare.recent-unread', 'No recent traces: {{why}}', { why: found })}
      </span>
    );
  }
  const words = found === null ? t('compare.looking-recent', 'Looking for recent ones …') : found.length === 0 ? t('compare.no-recent', 'No recent one of this request') : t('compare.recent', '{{n}} recent of this request, the fastest first', { n: found.length });
  return (
    <select aria-label={t('compare.recent-label', 'A recent trace of the same request')} value="" disabled={!found || found.length === 0} onChange={(e) => e.currentTarget.value && open(e.currentTarget.value)}>
      <option value="">{words}</option>
      {[...(found ?? [])]
        .sort((x, y) => x.duration - y.duration)
        .map((c) => (
          <option key={c.id} value={c.id}>
            {formatTime(c.duration)}
            {c.failed && `, ${t('linked.failed', 'failed')}`} · {new Date(c.start).toLocaleTimeString()} · {c.name}
          </option>
        ))}
    </select>
  );
}

function Legend() {
  return (
    <span className="tl-compare-legend tl-dim" aria-hidden>
      <i data-tone="slower" /> {t('compare.longer', '▲ longer here')}
      <i data-tone="faster" /> {t('compare.shorter', '▼ shorter')}
      <i data-tone="alone" /> {t('compare.alone', '+ − in one only')}
    </span>
  );
}
