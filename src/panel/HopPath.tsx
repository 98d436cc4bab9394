// The hop path: calls by time on the way, and the way of one of them drawn point by point.
import React, { useMemo, useRef } from 'react';
import { calls as countCalls } from '../language/counts';
import { t } from '../language/t';
import { hopsOf, ladderOf } from '../trace/calls';
import { formatTime } from '../trace/format';
import { Layer, serviceOf } from '../trace/model';
import { callsByWay, waysOf } from '../trace/ways';
import { useTrace } from './context';
import { cssFill } from './cssFill';
import { HopDiagram } from './HopDiagram';
import { Ladder } from './Ladder';
import { PodMap } from './PodMap';
import { useSize } from './useSize';

const LEAST = 600; // that the drawing needs; else the ladder
const MOST = 200; // calls listed

export function HopPath() {
  const detail = useRef<HTMLDivElement>(null);
  const { width } = useSize(detail);
  const { analysis, state, act } = useTrace();
  const { trace, calls } = analysis;
  const ways = useMemo(() => waysOf(trace, calls), [trace, calls]);
  const listed = useMemo(() => callsByWay(calls, ways), [calls, ways]);
  const current = listed.includes(state.call) ? state.call : (listed[0] ?? -1);
  const ladder = useMemo(() => (current < 0 ? null : ladderOf(trace, hopsOf(calls, current))), [trace, calls, current]);
  if (!ladder) {
    return (
      <div className="tl-state">
        <h3>{t('hops.none', 'No call was seen at more than one point')}</h3>
        <div className="tl-dim">{t('hops.none-help', 'The way of a request needs spans of system calls or packets.')}</div>
      </div>
    );
  }
  return (
    <div className="tl-hops">
      <div className="tl-hops-list">
        <PodMap ways={ways} listed={listed} current={current} show={act.showCall} />
        <div className="tl-dim" style={{ padding: '2px 8px 6px' }}>
          {listed.length > MOST
            ? t('hops.first-calls', '{{n}} of {{calls}}, most time on the way first', { n: MOST, calls: countCalls(listed.length) })
            : t('hops.calls', '{{calls}}, most time on the way first', { calls: countCalls(listed.length) })}
        </div>
        {Array.from(listed.subarray(0, MOST), (call) => (
          <CallButton key={call} call={call} current={call === current} show={act.showCall} />
        ))}
      </div>
      <div className="tl-hops-detail" ref={detail}>
        <div style={{ display: 'flex', gap: 14, alignItems: 'baseline', flexWrap: 'wrap' }}>
          <b style={{ fontSize: 13, color: 'var(--tl-max)' }}>
            {ladder.from} → {ladder.to}
          </b>
          <span className="tl-dim">
            {ladder.protocol} {ladder.request}, {points(ladder.rungs.filter((r) => r.row >= 0).length)},{' '}
            {ladder.across ? t('hops.between', '{{tunnel}} between nodes', { tunnel: ladder.tunnel || t('hops.routed', 'routed') }) : t('hops.same-node', 'same node')}
          </span>
        </div>
        {width > 0 && (width < LEAST ? <Ladder call={current} /> : <HopDiagram ladder={ladder} width={width - 28} />)}
      </div>
    </div>
  );
}

const points = (n: number): string => (n === 1 ? t('hops.point', '1 observation point') : t('hops.points', '{{n}} observation points', { n }));

function CallButton({ call, current, show }: { call: number; current: boolean; show: (call: number) => void }) {
  const { analysis, palette, tones } = useTrace();
  const { trace, calls } = analysis;
  const hops = hopsOf(calls, call);
  const ladder = useMemo(() => ladderOf(trace, hopsOf(calls, call)), [trace, calls, call]);
  const callee = serviceOf(trace, hops[hops.length - 1]) || ladder.to;
  const least = Math.max(1, ladder.total) / 150;
  return (
    <button className="tl-call" aria-current={current} onClick={() => show(call)}>
      <div className="tl-call-head">
        <span>
          {ladder.from} → {ladder.to} <span className="tl-dim">{ladder.request}</span>
        </span>
        <b>{formatTime(ladder.there + ladder.back)}</b>
      </div>
      <div className="tl-call-bar" aria-hidden>
        <i style={{ flex: Math.max(0, ladder.inside), background: tones.of(callee).self }} />
        <i style={{ flex: Math.max(ladder.kernel, least), background: cssFill(palette, tones, Layer.Kernel, callee) }} />
        <i style={{ flex: Math.max(ladder.network, least), background: palette.net.self }} />
      </div>
      <div className="tl-dim">
        {ladder.inside >= 0 && `${t('hops.inside-for', 'inside {{time}}', { time: formatTime(ladder.inside) })} · `}
        {t('hops.times', 'kernel + queue {{kernel}} · network {{network}}', { kernel: formatTime(ladder.kernel), network: formatTime(ladder.network) })}
      </div>
    </button>
  );
}
