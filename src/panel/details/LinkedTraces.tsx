import React, { useContext } from 'react';
import { attributesOf } from '../../trace/details/attribute';
import { clip } from '../../trace/clip';
import { formatTime, plural } from '../../trace/format';
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
      <h5>Linked traces</h5>
      {forward.length > 0 && <div className="tl-dim">{whole ? `${plural(forward.length, 'link')} from this trace` : plural(forward.length, 'link') + ' of this span'}</div>}
      {forward.slice(0, MOST).map((l, k) => (
        <Forward key={k} link={l} words={words(l)} of={whole && l.row !== row} />
      ))}
      <More count={forward.length} />
      {from.length > 0 && <div className="tl-dim">{`${plural(from.length, 'span')} of other traces ${from.length === 1 ? 'links' : 'link'} to this ${whole ? 'trace' : 'span'}`}</div>}
      {from.slice(0, MOST).map((l, k) => (
        <Back key={k} link={l} of={whole && l.row >= 0 && l.row !== row} />
      ))}
      <More count={from.length} />
    </section>
  );
}

const More = ({ count }: { count: number }) => (count > MOST ? <div className="tl-dim">… and {count - MOST} more</div> : null);

function Forward({ link, words, of }: { link: LinkTo; words: string; of: boolean }) {
  const { analysis, select } = useTrace();
  const { trace } = analysis;
  const source = of ? `${clip(labelOf(trace, link.row))} ` : '';
  if (link.to >= 0) {
    return (
      <button className="tl-related-row" onClick={() => select(link.to, true)}>
        <Badge row={link.to} />
        <span>
          {source}→ {clip(labelOf(trace, link.to))} <span className="tl-dim">of this trace {clip(words)}</span>
        </span>
      </button>
    );
  }
  return (
    <ToTrace traceId={link.traceId} spanId={link.spanId}>
      <span>
        {source}→ trace <span className="tl-mono">{link.traceId}</span> <span className="tl-dim">span {link.spanId} {clip(words)}</span>
      </span>
    </ToTrace>
  );
}

function Back({ link, of }: { link: LinkFrom; of: boolean }) {
  const { trace } = useTrace().analysis;
  const when = link.offset >= 0 ? `starts +${formatTime(link.offset)}` : `starts ${formatTime(-link.offset)} before this trace`;
  return (
    <ToTrace traceId={link.traceId} spanId={link.spanId}>
      <span>
        {of ? `${clip(labelOf(trace, link.row))} ` : ''}← {clip([link.service, link.name].filter(Boolean).join(' ')) || link.spanId}{' '}
        <span className="tl-dim">
          {when}
          {link.error && <span className="tl-failed">, failed</span>}
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
