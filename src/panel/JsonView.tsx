import React, { useMemo } from 'react';
import { plural } from '../trace/format';
import { CONFIDENCE_NAMES, POINT_NAMES, serviceOf, SOURCE_NAMES } from '../trace/model';
import type { Trace } from '../trace/model';
import { useTrace } from './context';

const MOST = 500; // spans shown; the whole document can be copied

/** The trace as the panel got it, for copying into a report. */
export function JsonView() {
  const { analysis } = useTrace();
  const { trace } = analysis;
  const text = useMemo(() => JSON.stringify(documentOf(trace, Math.min(trace.length, MOST)), null, 2), [trace]);
  return (
    <div className="tl-scroll">
      <div className="tl-note" style={{ borderTop: 0 }}>
        <span className="tl-dim">{trace.length > MOST ? `the first ${MOST} of ${plural(trace.length, 'span')}` : plural(trace.length, 'span')}</span>
        <span className="tl-grow" />
        <button className="tl-link" onClick={() => navigator.clipboard?.writeText(JSON.stringify(documentOf(trace, trace.length), null, 2))}>
          Copy all
        </button>
      </div>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

function documentOf(t: Trace, count: number) {
  return {
    trace_id: t.meta.traceId,
    start_ns: t.meta.startNs,
    spans: Array.from(t.order.subarray(0, count), (i) => ({
      id: t.text.id[i],
      parent: t.parent[i] < 0 ? null : t.text.id[t.parent[i]],
      source: SOURCE_NAMES[t.source[i]],
      observation_point: POINT_NAMES[t.point[i]],
      kind: t.text.kind[i],
      service: serviceOf(t, i),
      name: t.text.name[i],
      node: t.text.node[i],
      pod: t.text.pod[i] || undefined,
      interface: t.text.interface[i] || undefined,
      tunnel: t.text.tunnel[i] || undefined,
      protocol: t.text.protocol[i] || undefined,
      request: t.text.request[i] || undefined,
      offset_ns: t.start[i],
      duration_ns: t.end[i] - t.start[i],
      rule: t.text.rule[i] || undefined,
      reason: t.text.reason[i] || undefined,
      confidence: CONFIDENCE_NAMES[t.confidence[i]],
      orphan: t.text.orphan[i] || undefined,
    })),
  };
}
