// The hop ladder: the points of one call in path order, the request's way on the left,
// the response's on the right. Hops are invisible at the scale of the trace; here each
// has its own bar and exact time.
import React, { useMemo } from 'react';
import { t } from '../language/t';
import { hopsOf, ladderOf, type Leg } from '../trace/calls';
import { formatTime } from '../trace/format';
import { pointName } from '../trace/label';
import { Layer, POINT_NAMES, serviceOf } from '../trace/model';
import { Badge } from './Badge';
import { useTrace } from './context';
import { cssFill } from './cssFill';

const WIDEST = 64; // pixels of the longest leg's bar
const MUCH = 1e6; // a leg is emphasised from 1 ms on, when it is a large part of the way

export function Ladder({ call, here = -1 }: { call: number; here?: number }) {
  const { analysis, palette, tones } = useTrace();
  const { trace, calls } = analysis;
  const ladder = useMemo(() => ladderOf(trace, hopsOf(calls, call)), [trace, calls, call]);
  const longest = Math.max(1, ...ladder.legs.flatMap((leg) => (leg ? [leg.request, leg.response] : [])));

  const time = (leg: Leg, ns: number, side: 'q' | 'r') => {
    const bar = (
      <i
        style={{
          width: Math.max(3, (ns / longest) * WIDEST),
          background: cssFill(palette, tones, leg.layer, leg.owner >= 0 ? serviceOf(trace, leg.owner) : ''),
        }}
      />
    );
    return (
      <div className={`tl-${side} ${ns > longest * 0.25 && ns > MUCH ? 'tl-big' : ''}`}>
        {side === 'r' && bar}
        <span>+{formatTime(ns)}</span>
        {side === 'q' && bar}
      </div>
    );
  };

  return (
    <>
      <div className="tl-ladder">
        <div className="tl-head" style={{ textAlign: 'right' }}>
          {t('hops.request-down', 'request ↓')}
        </div>
        <div />
        <div className="tl-head">{t('hops.response-up', '↑ response')}</div>
        {ladder.rungs.map((rung, k) => {
          const leg = ladder.legs[k];
          return (
            <React.Fragment key={rung.point}>
              <div className={`tl-rung ${rung.row < 0 ? 'tl-lost' : rung.row === here ? 'tl-here' : ''}`}>
                {rung.row < 0 ? (
                  <span>{t('hops.point-not-seen', '{{point}} not seen', { point: POINT_NAMES[rung.point] })}</span>
                ) : (
                  <span>
                    <Badge row={rung.row} />
                    <b>{pointName(trace, rung.row)}</b>
                    <i className="tl-dim">{POINT_NAMES[rung.point]}</i>
                  </span>
                )}
              </div>
              {k < ladder.legs.length && (
                <>
                  {leg ? time(leg, leg.request, 'q') : <div />}
                  <div className={`tl-leg ${leg?.layer === Layer.Kernel ? 'tl-kernel' : leg?.across ? 'tl-wire' : ''}`}>{legWord(leg)}</div>
                  {leg ? time(leg, leg.response, 'r') : <div />}
                </>
              )}
            </React.Fragment>
          );
        })}
      </div>
      <dl className="tl-kv" style={{ borderTop: '1px solid var(--tl-border)', paddingTop: 5 }}>
        <dt>{ladder.legs.includes(undefined) ? t('hops.seen-way', 'seen of the way there / back') : t('hops.on-way', 'on the way there / back')}</dt>
        <dd>
          {formatTime(ladder.there)} / {formatTime(ladder.back)}
        </dd>
        {ladder.across && (
          <>
            <dt>{t('hops.clock', 'clock')}</dt>
            <dd className="tl-dim">{t('hops.clock-help', 'one-way wire times depend on the nodes’ clocks, their sum does not')}</dd>
          </>
        )}
        {ladder.inside >= 0 && (
          <>
            <dt>{t('hops.inside', 'inside {{name}}', { name: ladder.to })}</dt>
            <dd>
              {t('hops.of', '{{time}} of {{total}}', { time: formatTime(ladder.inside), total: formatTime(ladder.total) })}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

const legWord = (leg: Leg | undefined): string => (!leg ? '?' : leg.layer === Layer.Kernel ? t('hops.kernel', 'kernel') : leg.across ? t('hops.wire', 'wire') : t('hops.node', 'node'));
