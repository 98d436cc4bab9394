import React, { useState } from 'react';
import { spans } from '../../language/counts';
import { t } from '../../language/t';
import { formatCount } from '../../trace/format';
import { labelOf } from '../../trace/label';
import { serviceOf } from '../../trace/model';
import { useTrace } from '../context';
import { copyText } from '../save';
import { hasHops } from '../state/choices';

/** Whose request it is, when it began, and which trace it is. */
export function Title({ formatStart = (ms) => new Date(ms).toISOString() }: { formatStart?: (ms: number) => string }) {
  const { analysis, tones } = useTrace();
  const { trace } = analysis;
  const { main, meta } = trace;
  const [service, name] = main < 0 ? ['', ''] : [serviceOf(trace, main), labelOf(trace, main)];
  const start = Number(meta.startNs) / 1e6;
  const { app, sys, net } = meta.counts;
  return (
    <>
      <h2 className="tl-title" title={[service, name].filter(Boolean).join(' · ')} data-testid="root">
        {service && <i className="tl-swatch" style={trace.groupBy === 'service' ? { background: tones.of(service).self } : undefined} />}
        {service && <span className="tl-who">{service}</span>}
        <span className="tl-clip">{name}</span>
      </h2>
      {start > 0 && <span className="tl-dim tl-start">{formatStart(start)}</span>}
      <strong data-testid="counts">
        {spans(trace.length)}
        {hasHops(trace) && `: ${formatCount(app)} APP, ${formatCount(sys)} SYS, ${formatCount(net)} NET`}
      </strong>
      {meta.traceId && <TraceId id={meta.traceId} />}
    </>
  );
}

const COPY = (
  <svg width="12" height="12" viewBox="0 0 12 12" fill="none" stroke="currentColor" aria-hidden>
    <rect x="4.5" y="4.5" width="6" height="6.5" rx="1" />
    <path d="M8 2.5V2a1 1 0 0 0-1-1H2a1 1 0 0 0-1 1v5a1 1 0 0 0 1 1h.5" />
  </svg>
);

function TraceId({ id }: { id: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <span className="tl-id">
      <span className="tl-mono tl-dim tl-clip" title={id}>
        {id}
      </span>
      <button className="tl-copy" aria-label={t('header.copy-id', 'Copy the trace id')} title={t('header.copy-id', 'Copy the trace id')} onClick={() => copyText(id).then(() => setCopied(true))} onBlur={() => setCopied(false)}>
        {copied ? '✓' : COPY}
      </button>
      <span className="tl-sr" aria-live="polite">
        {copied && t('header.id-copied', 'Trace id copied')}
      </span>
    </span>
  );
}
