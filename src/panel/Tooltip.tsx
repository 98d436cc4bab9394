import React from 'react';
import { t } from '../language/t';
import { clip } from '../trace/clip';
import { describeHold, ownerGroup } from '../trace/breakdown';
import { hopsOf } from '../trace/calls';
import { shownEvents } from '../trace/events';
import { formatShare, formatTime } from '../trace/format';
import { groupAt } from '../trace/layout';
import { labelOf } from '../trace/label';
import { Confidence, CONFIDENCE_NAMES, isUnanswered, lasts, Layer, LAYER_NAMES, serviceOf, Source } from '../trace/model';
import { isUnusual, usualOf, usualOwn } from '../trace/usual';
import { Badge } from './Badge';
import { useTrace } from './context';
import { cssFill } from './cssFill';
import { EventRow } from './EventList';
import { Floating } from './Floating';
import { GroupTip } from './Group';
import { Ladder } from './Ladder';

export interface TipAt {
  /** Of a span, or of a group of them; -1 for none. */
  bar: number;
  segment: number;
  /** Event of the span that the pointer is on, -1 for none. */
  event: number;
  /** Pointer, in the page's coordinates. */
  x: number;
  y: number;
}

export function Tooltip({ at, children }: { at: TipAt; children?: React.ReactNode }) {
  return (
    <Floating at={at}>
      {children}
      {at.bar >= 0 ? <BarTip bar={at.bar} event={at.event} /> : <SegmentTip segment={at.segment} />}
    </Floating>
  );
}

function BarTip({ bar, event }: { bar: number; event: number }) {
  const group = groupAt(useTrace().layout, bar);
  return group < 0 ? <SpanTip row={bar} event={event} /> : <GroupTip group={group} />;
}

function SpanTip({ row, event }: { row: number; event: number }) {
  const { analysis, state } = useTrace();
  const { trace, slices, calls } = analysis;
  const time = trace.end[row] - trace.start[row];
  const call = calls.of[row];
  const where = trace.source[row] === Source.App ? [t('tip.on', '{{service}} on {{node}}', { service: serviceOf(trace, row), node: trace.text.node[row] })] : [trace.text.request[row], trace.text.protocol[row]];
  const hasLadder = hopsOf(calls, call).length > 1;
  return (
    <>
      <h4>
        <Badge row={row} />
        {clip(labelOf(trace, row))}
      </h4>
      <div className="tl-dim">{where.filter(Boolean).map((w) => clip(w)).join(' · ')}</div>
      <dl className="tl-kv">
        <dt>{t('drawer.duration', 'duration')}</dt>
        <dd>
          <b>{formatTime(time)}</b>{' '}
          <span className="tl-dim">
            {t('tip.of-trace-from', '{{share}} of trace, from {{time}}', { share: formatShare(time, trace.to - trace.from), time: formatTime(trace.start[row] - trace.from) })}
          </span>
        </dd>
        <EventRow events={shownEvents(trace, row, state.events)} at={event} start={trace.start[row]} />
        <UsualRow row={row} />
        <ClockRow row={row} />
        {trace.source[row] !== Source.Net && (
          <>
            <dt>{t('tip.own', 'own time')}</dt>
            <dd>
              <b>{formatTime(slices.own[row])}</b> <span className="tl-dim">{formatShare(slices.own[row], time)}</span>
            </dd>
          </>
        )}
        {trace.confidence[row] !== Confidence.Root && (
          <>
            <dt>{t('tip.parent', 'parent')}</dt>
            <dd>
              <LinkPill row={row} /> {trace.text.rule[row] || trace.text.orphan[row]}
            </dd>
          </>
        )}
        {lasts(trace, row) && (
          <>
            <dt>{t('tip.answer', 'answer')}</dt>
            <dd>{t('tip.open', 'not over yet; the end is when that was looked at')}</dd>
          </>
        )}
        {isUnanswered(trace, row) && (
          <>
            <dt>{t('tip.answer', 'answer')}</dt>
            <dd style={{ color: 'var(--tl-doubt)' }}>{t('tip.unanswered', 'not seen; the end is the last thing that was')}</dd>
          </>
        )}
        {(trace.error[row] === 1 || trace.code[row] >= 400) && (
          <>
            <dt>{t('tip.status', 'status')}</dt>
            <dd style={{ color: 'var(--tl-error)' }}>{[trace.text.status[row], trace.code[row] || ''].filter(Boolean).join(' ')}</dd>
          </>
        )}
      </dl>
      {hasLadder && <Ladder call={call} here={row} />}
    </>
  );
}

function SegmentTip({ segment }: { segment: number }) {
  const { analysis, palette, tones } = useTrace();
  const { trace, holders, slices } = analysis;
  const span = holders.span[segment];
  const slice = holders.slice[segment];
  const layer = slices.layer[slice] as Layer;
  const time = holders.to[segment] - holders.from[segment];
  return (
    <>
      <h4>
        <i className="tl-swatch" style={{ background: cssFill(palette, tones, layer, ownerGroup(trace, slices, span, slice)), marginRight: 6 }} />
        {t('tip.holds', '{{layer}} holds the time', { layer: LAYER_NAMES[layer] })}
      </h4>
      <div>{clip(describeHold(slices, slice))}</div>
      <dl className="tl-kv">
        <dt>{t('tip.for', 'for')}</dt>
        <dd>
          <b>{formatTime(time)}</b> <span className="tl-dim">{t('drawer.of-trace', '{{share}} of trace', { share: formatShare(time, trace.end[trace.main] - trace.start[trace.main]) })}</span>
        </dd>
        {usualOwn(trace, span) > 0 && (
          <>
            <dt>{t('tip.usually', 'usually')}</dt>
            <dd>{formatTime(usualOwn(trace, span))}</dd>
          </>
        )}
        <dt>{t('tip.in', 'in')}</dt>
        <dd>{clip(labelOf(trace, span))}</dd>
      </dl>
    </>
  );
}

/** The median of spans like it, where the store keeps one. */
export function UsualRow({ row }: { row: number }) {
  const { trace } = useTrace().analysis;
  const usual = usualOf(trace, row);
  if (usual <= 0) {
    return null; // a median of nothing says nothing
  }
  const unusual = isUnusual(trace.end[row] - trace.start[row], usual);
  return (
    <>
      <dt>{t('tip.usually', 'usually')}</dt>
      <dd style={unusual ? { color: 'var(--tl-doubt)' } : undefined}>{formatTime(usual)}</dd>
    </>
  );
}

/** Where clocks differ: the time as the span's own node told it, or the aligned one beside it. */
export function ClockRow({ row }: { row: number }) {
  const { trace } = useTrace().analysis;
  const node = trace.text.node[row];
  const ahead = trace.meta.offsets[node] ?? 0;
  if (ahead === 0) {
    return null;
  }
  const { aligned } = trace.meta;
  return (
    <>
      <dt>{aligned ? t('tip.by-clock', 'by the clock of {{node}}', { node }) : t('tip.aligned', 'aligned')}</dt>
      <dd>
        {formatTime(trace.start[row] - trace.from + (aligned ? ahead : -ahead))}{' '}
        <span className="tl-dim">
          {ahead > 0
            ? t('view.ahead', '{{node}} is {{time}} ahead', { node, time: formatTime(ahead) })
            : t('view.behind', '{{node}} is {{time}} behind', { node, time: formatTime(-ahead) })}
        </span>
      </dd>
    </>
  );
}

const confidenceName = (name: string): string =>
  ({ none: t('tip.no-parent', 'no parent'), proven: t('tip.proven', 'proven'), causal: t('tip.causal', 'causal'), inferred: t('tip.inferred', 'inferred') })[name] ?? name;

export function LinkPill({ row }: { row: number }) {
  const { analysis } = useTrace();
  const name = CONFIDENCE_NAMES[analysis.trace.confidence[row]];
  return <span className={`tl-pill tl-${name}`}>{confidenceName(name)}</span>;
}
