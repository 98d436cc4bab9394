// Details of the selected span: time, why it hangs where it hangs, its hops, and the
// attributes, which come from the data source when asked for.
import React, { useEffect, useMemo, useState } from 'react';
import { t } from '../language/t';
import { breakDown, presentLayers } from '../trace/breakdown';
import { hopsOf } from '../trace/calls';
import { formatShare, formatTime } from '../trace/format';
import { clip } from '../trace/clip';
import { readEvents } from '../trace/events';
import { holdersOf } from '../trace/holder';
import { labelOf, pointName, sourceWords } from '../trace/label';
import { Confidence, LAYER_NAMES, POINT_NAMES, groupOf, serviceOf, Source } from '../trace/model';
import type { Trace } from '../trace/model';
import { Badge } from './Badge';
import { useTrace } from './context';
import { layerFill } from './cssFill';
import { reasonOf } from './backend';
import { DetailLead } from './DetailLead';
import { DetailList } from './DetailList';
import { DetailSections } from './DetailSections';
import { AmongUsual } from './details/AmongUsual';
import { LinkedTraces } from './details/LinkedTraces';
import { LinkSection } from './details/LinkSection';
import { Name } from './details/Value';
import { Sheet, type Place } from './drawer/Sheet';
import { GroupSection } from './Group';
import { Ladder } from './Ladder';
import { RelatedSection } from './RelatedSection';
import { SignalLinks } from './SignalLinks';
import { ClockRow, UsualRow } from './Tooltip';

/** Asks the data source for a span's details; start is its Unix time in nanoseconds. */
export type LoadDetails = (id: string, startNs: string) => Promise<unknown>;

export function Drawer({ row, loadDetails, ...place }: Place & { row: number; loadDetails?: LoadDetails }) {
  const { analysis, select } = useTrace();
  const { trace, calls } = analysis;
  const where = trace.source[row] === Source.App ? `${serviceOf(trace, row)}` : trace.source[row] === Source.Sys ? `of ${pointName(trace, row)}` : `at ${pointName(trace, row)}`;
  const call = calls.of[row];
  const loaded = useDetails(row, loadDetails);
  return (
    <Sheet row={row} label={t('drawer.label', 'Details of the selected span')} {...place}>
      <header>
        <button className="tl-close" aria-label={t('drawer.close', 'Close')} onClick={() => select(-1)}>
          ✕
        </button>
        <h4>
          <Badge row={row} />
          <span className="tl-drawer-name">
            <Name text={labelOf(trace, row)} of="name" />
          </span>
        </h4>
        <div className="tl-dim">
          {[clip(`${sourceWords(trace, row)} ${where}`), POINT_NAMES[trace.point[row]], trace.text.node[row]].filter(Boolean).join(' · ')}
        </div>
      </header>
      <DetailLead details={loaded?.details} message={trace.text.message[row]} failed={trace.error[row] === 1} />
      <GroupSection row={row} />
      <TimeSection row={row} details={loaded?.details} />
      {trace.confidence[row] !== Confidence.Root && <LinkSection row={row} />}
      {hopsOf(calls, call).length > 1 && (
        <section>
          <h5>{t('drawer.way', 'The way of this request')}</h5>
          <Ladder call={call} here={row} />
        </section>
      )}
      <LinkedTraces row={row} details={loaded?.details} />
      <RelatedSection row={row} />
      <Details row={row} loaded={loaded} loading={loadDetails !== undefined && loaded === null} />
    </Sheet>
  );
}

function TimeSection({ row, details }: { row: number; details?: unknown }) {
  const { analysis, palette, tones } = useTrace();
  const { trace, slices } = analysis;
  // Of its own subtree, so that a span beside the critical one is told right.
  const split = useMemo(() => breakDown(trace, slices, holdersOf(trace, slices, row)), [trace, slices, row]);
  const whole = trace.to - trace.from || 1;
  const time = trace.end[row] - trace.start[row];
  return (
    <section>
      <h5>{t('drawer.time', 'Time')}</h5>
      <div className="tl-mini">
        <i
          style={{
            left: `${((trace.start[row] - trace.from) / whole) * 100}%`,
            width: `${(time / whole) * 100}%`,
            background: trace.source[row] === Source.Net ? palette.net.self : tones.of(groupOf(trace, row)).self,
          }}
        />
      </div>
      <dl className="tl-kv">
        <dt>{t('drawer.start', 'start')}</dt>
        <dd>+{formatTime(trace.start[row] - trace.from)}</dd>
        <ClockRow row={row} />
        <dt>{t('drawer.duration', 'duration')}</dt>
        <dd>
          <b>{formatTime(time)}</b> <span className="tl-dim">{t('drawer.of-trace', '{{share}} of trace', { share: formatShare(time, whole) })}</span>
        </dd>
        <UsualRow row={row} />
        <AmongUsual details={details} />
        <dt>{t('drawer.own', 'own')}</dt>
        <dd>
          {formatTime(slices.own[row])} <span className="tl-dim">{formatShare(slices.own[row], time)}</span>
        </dd>
      </dl>
      <div className="tl-stack tl-thin" aria-hidden>
        {presentLayers(split).map((layer) => (
          <i key={layer} style={{ flex: Math.max(split.layers[layer] / Math.max(1, split.total), 1 / 300), background: layerFill(palette, layer) }} />
        ))}
      </div>
      <div style={{ display: 'flex', gap: '2px 14px', flexWrap: 'wrap' }}>
        {presentLayers(split).map((layer) => (
          <span key={layer} className="tl-dim">
            {LAYER_NAMES[layer]} <b style={{ color: 'var(--tl-text)' }}>{formatTime(split.layers[layer])}</b>
          </span>
        ))}
      </div>
    </section>
  );
}

type Loaded = { id: string; details?: unknown; error?: string };

/** Null until they are there. */
function useDetails(row: number, loadDetails?: LoadDetails): Loaded | null {
  const { analysis, act } = useTrace();
  const { trace } = analysis;
  const id = trace.text.id[row];
  const start = unixStart(trace.meta.startNs, rawStart(trace, row));
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    if (!loadDetails || !id) {
      return;
    }
    let current = true;
    loadDetails(id, start).then(
      (details) => current && setLoaded({ id, details }),
      (error) => current && setLoaded({ id, error: reasonOf(error) })
    );
    return () => {
      current = false;
    };
  }, [id, start, loadDetails]); // a span never changes: neither another colour nor a refresh asks again
  const own = loaded?.id === id ? loaded : null;
  const events = (own?.details as { events?: unknown } | null | undefined)?.events;
  useEffect(() => {
    if (events) {
      act.knowEvents(row, readEvents(events, trace.meta.startNs, trace.start[row]));
    }
  }, [act, events, row, trace]);
  return own;
}

function Details({ row, loaded, loading }: { row: number; loaded: Loaded | null; loading: boolean }) {
  const { trace } = useTrace().analysis;
  return (
    <>
      <section>
        <h5>{t('drawer.span', 'Span')}</h5>
        <DetailList values={knownDetails(trace.text, row)} />
      </section>
      {loading && (
        <section>
          <span className="tl-dim" role="status">
            {t('drawer.loading', 'Loading attributes …')}
          </span>
        </section>
      )}
      {loaded?.error !== undefined && (
        <section role="alert">
          <span style={{ color: 'var(--tl-error)' }}>{t('details.unread', 'Attributes could not be read: {{why}}', { why: loaded.error })}</span>
        </section>
      )}
      {loaded?.details !== undefined && (
        <>
          <SignalLinks row={row} details={loaded.details} />
          <DetailSections details={loaded.details} />
        </>
      )}
    </>
  );
}

const rawStart = ({ start, meta, text }: Trace, row: number): number => start[row] + (meta.aligned ? (meta.offsets[text.node[row]] ?? 0) : 0);

function unixStart(traceStart: string, offset: number): string {
  try {
    return String(BigInt(traceStart || '0') + BigInt(Math.round(offset)));
  } catch {
    return '';
  }
}

const knownDetails = (text: Record<string, ArrayLike<string>>, row: number): Record<string, string> =>
  Object.fromEntries(
    ['id', 'kind', 'protocol', 'request', 'client', 'server', 'namespace', 'pod', 'ofPod', 'interface', 'tunnel', 'status']
      .map((name) => [name, text[name][row]] as const)
      .filter(([, value]) => value !== '')
  );
