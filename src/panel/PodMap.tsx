// Who calls whom among the trace's pods, nodes as boxes; the thicker the line, the more time
// on the way. A press leads to the call that took longest of them.
import React, { useMemo } from 'react';
import { calls as countCalls } from '../language/counts';
import { t } from '../language/t';
import { serviceOf } from '../trace/model';
import { formatTime } from '../trace/format';
import { hopsOf, ladderOf } from '../trace/calls';
import { routesOf, type Ways } from '../trace/ways';
import { useTrace } from './context';

const COLUMN = 125;
const ROW = 46;
const MOST_NODES = 6;

interface Place {
  x: number;
  y: number;
  column: number;
}

interface PodMapProps {
  ways: Ways;
  /** Calls, the most time on the way first. */
  listed: Int32Array;
  current: number;
  show: (call: number) => void;
}

export function PodMap({ ways, listed, current, show }: PodMapProps) {
  const { analysis, palette, tones } = useTrace();
  const { trace, calls } = analysis;
  const routes = useMemo(() => routesOf(trace, calls, ways, listed), [trace, calls, ways, listed]);
  const shown = useMemo(() => ladderOf(trace, hopsOf(calls, current)), [trace, calls, current]);
  const ends = new Map<string, { node: string; service: string }>();
  const put = (name: string, row: number) => ends.set(name, ends.get(name) ?? { node: trace.text.node[row], service: serviceOf(trace, row) });
  for (const { from, to, ends: [first, last] } of routes) {
    put(from, first);
    put(to, last);
  }
  const nodes = [...new Set([...ends.values()].map((e) => e.node))].sort();
  if (nodes.length > MOST_NODES || ends.size > 40) {
    return null; // a map of that size says nothing in this space
  }
  const ordered = nearOrder(nodes, routes.map(({ from, to, onTheWay }) => [ends.get(from)!.node, ends.get(to)!.node, onTheWay]));
  const pods = ordered.map((node) => [...ends].filter(([, e]) => e.node === node).map(([name]) => name).sort());
  const most = Math.max(...pods.map((p) => p.length));
  const height = Math.max(120, 44 + most * ROW);
  const places = new Map<string, Place>();
  pods.forEach((names, column) =>
    names.forEach((name, k) => places.set(name, { x: 60 + column * COLUMN, y: height / 2 + 6 + (k - (names.length - 1) / 2) * ROW, column }))
  );
  const width = nodes.length * COLUMN + 11;
  const longest = Math.max(1, routes[0].onTheWay);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} style={{ display: 'block', width: '100%', maxWidth: width }} role="img" aria-label={t('hops.map', 'Calls between pods')}>
      {ordered.map((node, k) => (
        <g key={node}>
          <rect x={5 + k * COLUMN} y={4} width={110} height={height - 8} rx={6} fill="var(--tl-hover)" stroke="var(--tl-border)" />
          <text x={13 + k * COLUMN} y={19} className="tl-t2" fontSize={10.5}>
            {node}
          </text>
        </g>
      ))}
      {[...routes].reverse().map(({ from, to, count, onTheWay, longest: call }) => {
        const hot = onTheWay > longest * 0.5;
        const on = from === shown.from && to === shown.to;
        return (
          <path
            key={`${from} ${to}`}
            d={curve(places.get(from)!, places.get(to)!, height - 12)}
            fill="none"
            stroke={hot ? 'var(--tl-doubt)' : on ? 'var(--tl-focus)' : 'var(--tl-net)'}
            strokeWidth={1.25 + (4 * onTheWay) / longest}
            opacity={hot || on ? 1 : 0.75}
            style={{ cursor: 'pointer' }}
            onClick={() => show(call)}
          >
            <title>{t('hops.map-line', '{{from}} → {{to}}, {{calls}}: {{time}} on the way', { from, to, calls: countCalls(count), time: formatTime(onTheWay) })}</title>
          </path>
        );
      })}
      {[...places].map(([name, { x, y }]) => {
        const tone = tones.of(ends.get(name)!.service);
        return (
          <g key={name}>
            <rect x={x - 48} y={y - 12} width={96} height={24} rx={4} fill={tone.wait} stroke={tone.self} />
            <text x={x} y={y + 4} textAnchor="middle" fontSize={11} style={{ fill: palette.ink }}>
              {name.length > 15 ? `${name.slice(0, 14)}…` : name}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** The order of nodes that keeps the longest calls short; few enough to try them all. */
function nearOrder(nodes: string[], calls: Array<[from: string, to: string, time: number]>): string[] {
  let best = nodes;
  let least = Infinity;
  const permute = (order: string[], rest: string[]) => {
    if (rest.length === 0) {
      const far = calls.reduce((sum, [a, b, time]) => sum + time * Math.abs(order.indexOf(a) - order.indexOf(b)), 0);
      if (far < least) {
        [best, least] = [order, far];
      }
      return;
    }
    rest.forEach((node) => permute([...order, node], rest.filter((other) => other !== node)));
  };
  permute([], nodes);
  return best;
}

function curve(a: Place, b: Place, bottom: number): string {
  if (a.column === b.column) {
    const x = a.x + 48;
    return `M${x} ${a.y}C${x + 18} ${a.y} ${x + 18} ${b.y} ${x} ${b.y}`;
  }
  const d = a.x < b.x ? 1 : -1;
  const [x1, x2] = [a.x + d * 48, b.x - d * 48];
  if (Math.abs(a.column - b.column) === 1) {
    return `M${x1} ${a.y}C${x1 + d * 16} ${a.y} ${x2 - d * 16} ${b.y} ${x2} ${b.y}`;
  }
  return `M${x1} ${a.y}C${x1 + d * 26} ${a.y} ${x1 + d * 10} ${bottom} ${(x1 + x2) / 2} ${bottom}S${x2 - d * 26} ${b.y} ${x2} ${b.y}`;
}
