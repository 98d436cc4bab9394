// The hop path: calls by time on the way, and the way of one of them drawn point by point.
import React, { useMemo, useRef } from 'react';
import { ladderOf } from '../trace/calls';
import { formatTime, plural } from '../trace/format';
import { Layer, serviceOf } from '../trace/model';
import { useTrace } from './context';
import { cssFill } from './cssFill';
import type { ListedCall } from './listedCall';
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
  const listed = useMemo<ListedCall[]>(
    () =>
      calls.hops
        .map((hops, call) => ({ hops, call }))
        .filter(({ hops }) => hops.length > 1)
        .map(({ hops, call }) => ({ call, ladder: ladderOf(trace, hops) }))
        .map((c) => ({ ...c, onTheWay: c.ladder.there + c.ladder.back }))
        .sort((a, b) => b.onTheWay - a.onTheWay),
    [trace, calls]
  );
  const current = listed.find((c) => c.call === state.call) ?? listed[0];
  if (!current) {
    return (
      <div className="tl-state">
        <h3>No call was seen at more than one point</h3>
        <div className="tl-dim">The way of a request needs spans of system calls or packets.</div>
      </div>
    );
  }
  return (
    <div className="tl-hops">
      <div className="tl-hops-list">
        <PodMap calls={listed} current={current.call} show={act.showCall} />
        <div className="tl-dim" style={{ padding: '2px 8px 6px' }}>
          {plural(listed.length, 'call')}, most time on the way first
        </div>
        {listed.slice(0, MOST).map((c) => (
          <CallButton key={c.call} call={c} current={c === current} show={act.showCall} />
        ))}
      </div>
      <div className="tl-hops-detail" ref={detail}>
        <div style={{ display: 'flex', gap: 14, alignItems: 'baseline', flexWrap: 'wrap' }}>
          <b style={{ fontSize: 13, color: 'var(--tl-max)' }}>
            {current.ladder.from} → {current.ladder.to}
          </b>
          <span className="tl-dim">
            {current.ladder.protocol} {current.ladder.request}, {plural(current.ladder.rungs.filter((r) => r.row >= 0).length, 'observation point')},{' '}
            {current.ladder.across ? `${current.ladder.tunnel || 'routed'} between nodes` : 'same node'}
          </span>
        </div>
        {width > 0 && (width < LEAST ? <Ladder call={current.call} /> : <HopDiagram ladder={current.ladder} width={width - 28} />)}
      </div>
    </div>
  );
}

function CallButton({ call, current, show }: { call: ListedCall; current: boolean; show: (call: number) => void }) {
  const { analysis, palette, tones } = useTrace();
  const { trace, calls } = analysis;
  const { ladder } = call;
  const hops = calls.hops[call.call];
  const callee = serviceOf(trace, hops[hops.length - 1]) || ladder.to;
  const least = Math.max(1, ladder.total) / 150;
  return (
    <button className="tl-call" aria-current={current} onClick={() => show(call.call)}>
      <div className="tl-call-head">
        <span>
          {ladder.from} → {ladder.to} <span className="tl-dim">{ladder.request}</span>
        </span>
        <b>{formatTime(call.onTheWay)}</b>
      </div>
      <div className="tl-call-bar" aria-hidden>
        <i style={{ flex: Math.max(0, ladder.inside), background: tones.of(callee).self }} />
        <i style={{ flex: Math.max(ladder.kernel, least), background: cssFill(palette, tones, Layer.Kernel, callee) }} />
        <i style={{ flex: Math.max(ladder.network, least), background: palette.net.self }} />
      </div>
      <div className="tl-dim">
        {ladder.inside >= 0 ? `inside ${formatTime(ladder.inside)} · ` : ''}kernel + queue {formatTime(ladder.kernel)} · network {formatTime(ladder.network)}
      </div>
    </button>
  );
}
