// One call drawn: points on a line, nodes as boxes, the way there above and back below;
// under it both legs as time-distance lines, each on its own linear axis.
import React from 'react';
import { t } from '../language/t';
import type { Ladder, Leg } from '../trace/calls';
import { formatTime } from '../trace/format';
import { Layer, POINT_NAMES, groupOf, Source } from '../trace/model';
import { pointName } from '../trace/label';
import { useTrace } from './context';

const SIDE = 56;
const LINE = 92; // y of the points
const PLOT = 232;
const PITCH = 28;
const MUCH = 2e6;
const LETTER = 6.1; // width of one at 11 px, on the safe side

/** A name with its middle left out, so that both the workload and the end stay: web-shop-7d…x2x9k */
const fitName = (name: string, room: number): string => {
  const most = Math.max(5, Math.floor(room / LETTER));
  const head = Math.ceil((most - 1) * 0.6);
  return name.length <= most ? name : `${name.slice(0, head)}…${name.slice(name.length - (most - 1 - head))}`;
};

export function HopDiagram({ ladder, width }: { ladder: Ladder; width: number }) {
  const rungs = ladder.rungs.filter((r) => r.row >= 0);
  const height = PLOT + rungs.length * PITCH + 24;
  return (
    <>
      <svg width={width} height={height} role="img" aria-label={t('hops.way-of', 'Way of {{request}} from {{from}} to {{to}}', { request: ladder.request, from: ladder.from, to: ladder.to })} fontSize={12}>
        <Way ladder={ladder} width={width} />
        <Legs ladder={ladder} width={width} />
      </svg>
      <p className="tl-dim">{t('hops.help', 'Steeper is faster. Each leg has its own linear axis. One-way wire times depend on the nodes’ clocks, their sum does not.')}</p>
    </>
  );
}

const isHot = (ns: number, longest: number): boolean => ns > longest * 0.5 && ns > MUCH;
const longestLeg = (l: Ladder): number => Math.max(1, ...l.legs.flatMap((leg) => (leg ? [leg.request, leg.response] : [])));

function useLegColour() {
  const { analysis, tones } = useTrace();
  return (leg: Leg | undefined, hot: boolean): string =>
    hot ? 'var(--tl-doubt)' : leg && leg.layer === Layer.Kernel && leg.owner >= 0 ? tones.of(groupOf(analysis.trace, leg.owner)).self : 'var(--tl-net)';
}

function Way({ ladder, width }: { ladder: Ladder; width: number }) {
  const { analysis, palette, tones } = useTrace();
  const { trace } = analysis;
  const colour = useLegColour();
  const { rungs, legs } = ladder;
  const x = (k: number) => SIDE + ((width - 2 * SIDE) * k) / Math.max(1, rungs.length - 1);
  const longest = longestLeg(ladder);
  const pitch = (width - 2 * SIDE) / Math.max(1, rungs.length - 1);
  const beside = Math.min(50, pitch * 0.42);
  return (
    <>
      {nodeBoxes(rungs.map((r) => (r.row < 0 ? '' : trace.text.node[r.row]))).map(({ node, from, to }) => (
        <g key={from}>
          <rect x={x(from) - (from === 0 ? 50 : beside)} y={22} width={x(to) - x(from) + (from === 0 ? 50 : beside) + (to === rungs.length - 1 ? 50 : beside)} height={146} rx={6} fill="var(--tl-hover)" stroke="var(--tl-border)" />
          <text x={x(from) - (from === 0 ? 40 : beside - 10)} y={40} className="tl-t2">
            {node}
          </text>
        </g>
      ))}
      {legs.map((leg, k) => {
        const [a, b] = [x(k) + 21, x(k + 1) - 21];
        const middle = (a + b) / 2;
        const word = !leg ? t('hops.not-seen', 'not seen') : leg.layer === Layer.Kernel ? t('hops.kernel', 'kernel') : leg.across ? [t('hops.wire', 'wire'), ladder.tunnel].filter(Boolean).join(', ') : t('hops.node', 'node');
        return (
          <g key={k}>
            {leg ? (
              [true, false].map((there) => {
                const ns = there ? leg.request : leg.response;
                const hot = isHot(ns, longest);
                const y = LINE + (there ? -8 : 8);
                const [start, end, tip] = there ? [a, b - 5, b] : [b, a + 5, a];
                return (
                  <g key={String(there)}>
                    <path d={`M${start} ${y}H${end}`} stroke={colour(leg, hot)} strokeWidth={hot ? 4 : 1.75} strokeDasharray={leg.layer === Layer.Kernel ? '5 3' : undefined} fill="none" />
                    <path d={`M${tip} ${y}l${there ? -8 : 8} -4v8z`} fill={colour(leg, hot)} />
                    <text x={middle} y={there ? y - 9 : y + 19} textAnchor="middle" className={hot ? 'tl-t3' : ''} fontWeight={hot ? 600 : 400} fontSize={hot ? 14 : 12}>
                      +{formatTime(ns)}
                    </text>
                  </g>
                );
              })
            ) : (
              <path d={`M${a} ${LINE}H${b}`} stroke="var(--tl-doubt)" strokeDasharray="1.5 4" strokeWidth={2} fill="none" />
            )}
            <text x={middle} y={LINE + 44} textAnchor="middle" className="tl-t2" fontSize={10.5}>
              {word}
            </text>
          </g>
        );
      })}
      {rungs.map((rung, k) => {
        const seen = rung.row >= 0;
        const sys = seen ? trace.source[rung.row] === Source.Sys : POINT_NAMES[rung.point].endsWith('-p');
        const fill = !seen ? 'var(--tl-bg)' : sys ? tones.of(groupOf(trace, rung.row)).self : palette.net.row;
        const stroke = seen ? 'var(--tl-bg)' : 'var(--tl-doubt)';
        const dash = seen ? undefined : '2 3';
        return (
          <g key={rung.point}>
            {sys ? (
              <rect x={x(k) - 19} y={LINE - 19} width={38} height={38} rx={5} fill={fill} stroke={stroke} strokeWidth={seen ? 3 : 1.5} strokeDasharray={dash} />
            ) : (
              <circle cx={x(k)} cy={LINE} r={15} fill={fill} stroke={stroke} strokeWidth={seen ? 3 : 1.5} strokeDasharray={dash} />
            )}
            <text x={x(k)} y={LINE + 4} textAnchor="middle" style={{ fill: seen ? palette.ink : 'var(--tl-doubt)' }} fontSize={10.5} fontWeight={600}>
              {POINT_NAMES[rung.point]}
            </text>
            <FittedName x={x(k)} y={LINE + 62} anchor="middle" room={pitch - 6} name={!seen ? t('hops.not-seen', 'not seen') : sys ? pointName(trace, rung.row) : trace.text.interface[rung.row]} />
          </g>
        );
      })}
    </>
  );
}

function Legs({ ladder, width }: { ladder: Ladder; width: number }) {
  const { analysis, palette, tones } = useTrace();
  const { trace } = analysis;
  const colour = useLegColour();
  const rows = ladder.rungs.filter((r) => r.row >= 0).map((r) => r.row);
  if (rows.length < 2) {
    return null;
  }
  const [first, last] = [rows[0], rows[rows.length - 1]];
  const longest = longestLeg(ladder);
  const left = Math.min(Math.max(132, Math.max(...rows.map((row) => pointName(trace, row).length)) * LETTER + 16), width * 0.28);
  const plot = (width - left - 120) / 2 - 10;
  const right = left + plot + 120;
  const request = Math.max(1, trace.start[last] - trace.start[first]);
  const response = Math.max(1, trace.end[first] - trace.end[last]);
  const xThere = (t: number) => left + ((t - trace.start[first]) / request) * plot;
  const xBack = (t: number) => right + ((t - trace.end[last]) / response) * plot;
  const y = (k: number) => PLOT + k * PITCH;
  const legAt = (k: number) => {
    const at = ladder.rungs.findIndex((r) => r.row === rows[k]);
    return ladder.rungs[at + 1]?.row === rows[k + 1] ? ladder.legs[at] : undefined;
  };
  const lineOf = (k: number, there: boolean) => {
    const [a, b] = there ? [k, k + 1] : [k + 1, k];
    const [x0, x1] = there ? [xThere(trace.start[rows[a]]), xThere(trace.start[rows[b]])] : [xBack(trace.end[rows[a]]), xBack(trace.end[rows[b]])];
    const ns = there ? trace.start[rows[b]] - trace.start[rows[a]] : trace.end[rows[b]] - trace.end[rows[a]];
    const hot = isHot(ns, longest);
    return (
      <g key={`${there}${k}`}>
        <path d={`M${x0} ${y(a)}L${x1} ${y(b)}`} stroke={colour(legAt(k), hot)} strokeWidth={hot ? 3.5 : 2.25} strokeLinecap="round" strokeDasharray={legAt(k) ? undefined : '2 5'} />
        {(hot || Math.abs(x1 - x0) > 46) && (
          <text x={Math.min((x0 + x1) / 2 + 8, width - formatTime(ns).length * LETTER)} y={PLOT + (k + 0.5) * PITCH + (there ? -4 : 12)} fontSize={11} className={hot ? 'tl-t3' : 'tl-t2'} fontWeight={hot ? 600 : 400}>
            {formatTime(ns)}
          </text>
        )}
      </g>
    );
  };
  const bottom = y(rows.length - 1);
  const callee = tones.of(groupOf(trace, last));
  return (
    <>
      <text x={left} y={PLOT - 18} fontWeight={600}>
        {t('hops.request', 'request, {{time}}', { time: formatTime(request) })}
      </text>
      <text x={right} y={PLOT - 18} fontWeight={600}>
        {t('hops.response', 'response, {{time}}', { time: formatTime(response) })}
      </text>
      {rows.map((row, k) => (
        <g key={row}>
          <FittedName x={left - 10} y={y(k) + 4} anchor="end" room={left - 14} name={pointName(trace, row)} />
          <path d={`M${left} ${y(k)}h${plot}M${right} ${y(k)}h${plot}`} stroke="var(--tl-border)" />
        </g>
      ))}
      {rows.slice(1).map((_, k) => lineOf(k, true))}
      {rows.slice(1).map((_, k) => lineOf(k, false))}
      {rows.map((row, k) =>
        [xThere(trace.start[row]), xBack(trace.end[row])].map((x, side) => (
          <circle
            key={`${row}${side}`}
            cx={x}
            cy={y(k)}
            r={3.5}
            fill={trace.source[row] === Source.Sys ? tones.of(groupOf(trace, row)).self : 'var(--tl-net)'}
            stroke="var(--tl-bg)"
            strokeWidth={1.5}
          />
        ))
      )}
      {ladder.inside >= 0 && (
        <>
          <rect x={left + plot + 8} y={bottom - 13} width={104} height={26} rx={4} fill={callee.wait} stroke={callee.self} />
          <text x={left + plot + 60} y={bottom + 4} textAnchor="middle" style={{ fill: palette.ink }} fontWeight={500}>
            {formatTime(ladder.inside)}
          </text>
          <text x={left + plot + 60} y={bottom + 28} textAnchor="middle" className="tl-t2" fontSize={11}>
            {t('hops.inside', 'inside {{name}}', { name: fitName(ladder.to, 84) })}
          </text>
        </>
      )}
    </>
  );
}

function FittedName({ x, y, anchor, room, name }: { x: number; y: number; anchor: 'middle' | 'end'; room: number; name: string }) {
  const shown = fitName(name, room);
  return (
    <text x={x} y={y} textAnchor={anchor} fontSize={11}>
      {shown}
      {shown !== name && <title>{name}</title>}
    </text>
  );
}

function nodeBoxes(nodes: string[]): Array<{ node: string; from: number; to: number }> {
  const boxes: Array<{ node: string; from: number; to: number }> = [];
  nodes.forEach((node, k) => {
    const last = boxes[boxes.length - 1];
    if (last && last.node === node) {
      last.to = k;
    } else if (node) {
      boxes.push({ node, from: k, to: k });
    }
  });
  return boxes;
}
