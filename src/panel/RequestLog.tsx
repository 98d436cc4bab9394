// The log of the trace's requests: a row per call, a column per leg of its way.
import React, { useMemo, useRef, useState } from 'react';
import { requests } from '../language/counts';
import { t } from '../language/t';
import { formatTime } from '../trace/format';
import { Layer } from '../trace/model';
import { requestOf, seenLegs, sortedCalls, type SortKey } from '../trace/requests';
import { waysOf } from '../trace/ways';
import { useTrace } from './context';
import { useRows } from './useRows';

const ROW = 23; // pixels
const REQUEST = 2; // the column that takes what is left
const MUCH = 1e6; // a leg from 1 ms on is emphasised where it is much of the request

export function RequestLog() {
  const { analysis } = useTrace();
  const ways = useMemo(() => waysOf(analysis.trace, analysis.calls), [analysis]);
  const [key, setKey] = useState<SortKey>('start');
  const calls = useMemo(() => sortedCalls(analysis, ways, key), [analysis, ways, key]);
  const legs = useMemo(() => seenLegs(ways), [ways]);
  const box = useRef<HTMLDivElement>(null);
  const { first, end, above, below, onScroll } = useRows(box, calls.length, ROW);
  if (calls.length === 0) {
    return (
      <div className="tl-state">
        <h3>{t('log.none', 'No request was seen outside of code')}</h3>
        <div className="tl-dim">{t('log.none-help', 'The log of requests needs spans of system calls or packets.')}</div>
      </div>
    );
  }
  const columns: Array<[SortKey | '', string, number]> = [
    ['start', t('log.start', 'Start'), 88],
    ['', t('log.ends', 'From → to'), 176],
    ['', t('log.request', 'Request'), 180],
    ['', t('field.status', 'Status'), 84],
    ['duration', t('waterfall.duration', 'Duration'), 78],
    ['inside', t('log.inside', 'In the callee'), 88],
    ['way', t('log.way', 'On the way'), 84],
    ...legs.map((leg) => [leg, leg, 106] as [SortKey, string, number]),
  ];
  return (
    <div className="tl-scroll" ref={box} onScroll={onScroll} tabIndex={0} role="group" aria-label={t('tab.requests', 'Requests')}>
      <table className="tl-table" aria-label={t('tab.requests', 'Requests')} aria-rowcount={calls.length + 1} style={{ minWidth: columns.reduce((sum, [, , width]) => sum + width, 0) }}>
        <colgroup>
          {columns.map(([, name, width], k) => (
            <col key={name} style={{ width: k === REQUEST ? undefined : width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map(([sort, name]) => (
              <th key={name} scope="col" aria-sort={sort && sort === key ? (sort === 'start' ? 'ascending' : 'descending') : undefined}>
                {sort ? (
                  <button onClick={() => setKey(sort)}>
                    {name} {sort === key ? (sort === 'start' ? '▴' : '▾') : ''}
                  </button>
                ) : (
                  name
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {Array.from(calls.subarray(first, end), (call, k) => (
            <Row key={call} call={call} index={first + k} legs={legs} />
          ))}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
      <p className="tl-dim" style={{ padding: '6px 10px' }}>
        {t('log.legs', '{{requests}}. Legs are times of the request there / of the response back.', { requests: requests(calls.length) })}
      </p>
    </div>
  );
}

function Row({ call, index, legs }: { call: number; index: number; legs: readonly string[] }) {
  const { analysis, state, select } = useTrace();
  const request = useMemo(() => requestOf(analysis, call), [analysis, call]);
  const { trace, calls } = analysis;
  const { ladder, row } = request;
  const status = [trace.text.status[row], trace.code[row] || ''].filter(Boolean).join(' ');
  return (
    <tr aria-rowindex={index + 2} aria-selected={state.selected >= 0 && calls.of[state.selected] === request.call} onClick={() => select(row)}>
      <td>+{formatTime(request.start)}</td>
      <td>
        <button title={t('log.details', 'Details of this request')}>
          {ladder.from} → {ladder.to}
        </button>
      </td>
      <td title={ladder.request}>
        <span className="tl-dim">{ladder.protocol}</span> {ladder.request}
      </td>
      <td style={trace.error[row] ? { color: 'var(--tl-error)' } : undefined}>{status}</td>
      <td>{formatTime(ladder.total)}</td>
      <td className="tl-dim">{ladder.inside >= 0 ? formatTime(ladder.inside) : t('hops.not-seen', 'not seen')}</td>
      <td>{formatTime(request.onTheWay)}</td>
      {legs.map((name) => {
        const leg = request.legs.get(name);
        const time = leg ? leg.request + leg.response : 0;
        const much = time > MUCH && time > ladder.total * 0.1;
        return (
          <td key={name} className={much ? '' : 'tl-dim'} title={leg && (leg.layer === Layer.Kernel ? t('log.kernel', 'kernel and queue') : leg.across ? t('hops.wire', 'wire') : t('log.node', 'inside the node'))}>
            {leg && (much ? <b>{formatTime(leg.request)} / {formatTime(leg.response)}</b> : `${formatTime(leg.request)} / ${formatTime(leg.response)}`)}
          </td>
        );
      })}
    </tr>
  );
}
