import React, { useContext } from 'react';
import { andMore, spans } from '../../language/counts';
import { links as countLinks } from '../../language/counts';
import { t } from '../../language/t';
import { attributesOf } from '../../trace/details/attribute';
import { clip } from '../../trace/clip';
import { formatTime } from '../../trace/format';
import { labelOf } from '../../trace/label';
import { linksAt, type LinkFrom, type LinkTo } from '../../trace/linked';
import { rowOf } from '../../trace/spanids';
import { Badge } from '../Badge';
import { useTrace } from '../context';
import { OtherTracesContext } from '../otherTraces';

/** More are counted, not shown. */
const MOST = 20;

/** Links of a span and to it; at the main root, those of the whole trace. */
export function LinkedTraces({ row, details }: { row: number; details?: unknown }) {
  const { trace } = useTrace().analysis;
  const whole = row === trace.main;
  const { to, from } = linksAt(trace.meta, row, whole);
  const own = detailedLinks(details);
  const forward = own.length > 0 && !whole ? own.map((l) => ({ row, traceId: l.traceId, spanId: l.spanId, to: l.traceId === trace.meta.traceId ? rowOf(trace, l.spanId) : -1 })) : to;
  if (forward.length === 0 && from.length === 0) {
    return null;
  }
  const words = (l: LinkTo) => own.find((o) => l.row === row && o.traceId === l.traceId && o.spanId === l.spanId)?.words ?? '';
  return (
    <section data-testid="linked">
      <h5>{t('linked.title', 'Linked traces')}</h5>
      {forward.length > 0 && <div className="tl-dim">{whole ? t('linked.from-trace', '{{links}} from this trace', { links: countLinks(forward.length) }) : t('linked.of-span', '{{links}} of this span', { links: countLinks(forward.length) })}</div>}
      {forward.slice(0, MOST).map((l, k) => (
        <Forward key={k} link={l} words={words(l)} of={whole && l.row !== row} />
      ))}
      <More count={forward.length} />
      {from.length > 0 && <div className="tl-dim">{whole ? t('linked.to-trace', 'To this trace, from other ones: {{spans}}', { spans: spans(from.length) }) : t('linked.to-span', 'To this span, from other traces: {{spans}}', { spans: spans(from.length) })}</div>}
      {from.slice(0, MOST).map((l, k) => (
        <Back key={k} link={l} of={whole && l.row >= 0 && l.row !== row} />
      ))}
      <More count={from.length} />
    </section>
  );
}

const More = ({ count }: { count: number }) => (count > MOST ? <div className="tl-dim">{andMore(count - MOST)}</div> : null);

function Forward({ link, words, of }: { link: LinkTo; words: string; of: boolean }) {
  const { analysis, select } = useTrace();
  const { trace } = analysis;
  const source = of ? `${clip(labelOf(trace, link.row))} ` : '';
  if (link.to >= 0) {
    return (
      <button className="tl-related-row" onClick={() => select(link.to, true)}>
        <Badge row={link.to} />
        <span>
          {source}→ {clip(labelOf(trace, link.to))} <span className="tl-dim">{t('linked.here', 'of this trace')} {clip(words)}</span>
        </span>
      </button>
    );
  }
  return (
    <ToTrace traceId={link.traceId} spanId={link.spanId}>
      <span>
        {source}→ {t('linked.trace', 'trace')} <span className="tl-mono">{link.traceId}</span> <span className="tl-dim">{t('linked.span', 'span')} {link.spanId} {clip(words)}</span>
      </span>
    </ToTrace>
  );
}

function Back({ link, of }: { link: LinkFrom; of: boolean }) {
  const { trace } = useTrace().analysis;
  const when = link.offset >= 0
      ? t('linked.starts', 'starts +{{time}}', { time: formatTime(link.offset) })
      : t('linked.starts-before', 'starts {{time}} before this trace', { time: formatTime(-link.offset) });
  return (
    <ToTrace traceId={link.traceId} spanId={link.spanId}>
      <span>
        {of ? `${clip(labelOf(trace, link.row))} ` : ''}← {clip([link.service, link.name].filter(Boolean).join(' ')) || link.spanId}{' '}
        <span className="tl-dim">
          {when}
          {link.error && <span className="tl-failed">, {t('linked.failed', 'failed')}</span>}
        </span>
      </span>
      <b>{formatTime(link.duration)}</b>
    </ToTrace>
  );
}

function ToTrace({ traceId, spanId, children }: { traceId: string; spanId: string; children: React.ReactNode }) {
  const others = useContext(OtherTracesContext);
  if (!others) {
    return <div className="tl-related-row tl-linked-row">{children}</div>;
  }
  const here = (e: React.MouseEvent) => {
    if (others.open && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) {
      e.preventDefault();
      others.open(traceId, spanId);
    }
  };
  return (
    <a className="tl-related-row tl-linked-row" href={others.href(traceId, spanId)} onClick={here}>
      {children}
    </a>
  );
}

function detailedLinks(details: unknown): Array<{ traceId: string; spanId: string; words: string }> {
  const links = (details as { links?: unknown } | null | undefined)?.links;
  return (Array.isArray(links) ? links : [])
    .filter((l) => typeof l?.traceId === 'string')
    .map((l) => ({
      traceId: l.traceId,
      spanId: String(l.spanId ?? ''),
      words: attributesOf(l.attributes)
        .map((a) => `${a.key} ${typeof a.value === 'string' ? a.value : JSON.stringify(a.value)}`)
        .join(', '),
    }));
}
