// Every call of the trace between its pods, nodes as boxes; the thicker the line, the
// more time on the way.
import React from 'react';
import { serviceOf } from '../trace/model';
import { formatTime } from '../trace/format';
import { useTrace } from './context';
import type { ListedCall } from './listedCall';

const COLUMN = 125;
const ROW = 46;
const MOST_NODES = 6;

interface Place {
  x: number;
  y: number;
  column: number;
}

export function PodMap({ calls, current, show }: { calls: ListedCall[]; current: number; show: (call: number) => void }) {
  const { analysis, palette, tones } = useTrace();
  const { trace } = analysis;
  const ends = new Map<string, { node: string; service: string }>();
  for (const { ladder } of calls) {
    const rows = ladder.rungs.map((r) => r.row).filter((r) => r >= 0);
    const [first, last] = [rows[0], rows[rows.length - 1]];
    ends.set(ladder.from, ends.get(ladder.from) ?? { node: trace.text.node[first], service: serviceOf(trace, first) });
    ends.set(ladder.to, ends.get(ladder.to) ?? { node: trace.text.node[last], service: serviceOf(trace, last) });
  }
  const nodes = [...new Set([...ends.values()].map((e) => e.node))].sort();
  if (nodes.length > MOST_NODES || ends.size > 40) {
    return null; // a map of that size says nothing in this space
  }
  const ordered = nearOrder(nodes, calls.map(({ ladder, onTheWay }) => [ends.get(ladder.from)!.node, ends.get(ladder.to)!.node, onTheWay]));
  const pods = ordered.map((node) => [...ends].filter(([, e]) => e.node === node).map(([name]) => name).sort());
  const most = Math.max(...pods.map((p) => p.length));
  const height = Math.max(120, 44 + most * ROW);
  const places = new Map<string, Place>();
  pods.forEach((names, column) =>
    names.forEach((name, k) => places.set(name, { x: 60 + column * COLUMN, y: height / 2 + 6 + (k - (names.length - 1) / 2) * ROW, column }))
  );
  const width = nodes.length * COLUMN + 11;
  const longest = Math.max(1, ...calls.map((c) => c.onTheWay));
  return (
    <svg viewBox={`0 0 ${width} ${height}`} style={{ display: 'block', width: '100%', maxWidth: width }} role="img" aria-label="Calls between pods">
      {ordered.map((node, k) => (
        <g key={node}>
          <rect x={5 + k * COLUMN} y={4} width={110} height={height - 8} rx={6} fill="var(--tl-hover)" stroke="var(--tl-border)" />
          <text x={13 + k * COLUMN} y={19} className="tl-t2" fontSize={10.5}>
            {node}
          </text>
        </g>
      ))}
      {[...calls].reverse().map(({ call, ladder, onTheWay }) => {
        const hot = onTheWay > longest * 0.5;
        const on = call === current;
        return (
          <path
            key={call}
            d={curve(places.get(ladder.from)!, places.get(ladder.to)!, height - 12)}
            fill="none"
            stroke={hot ? 'var(--tl-doubt)' : on ? 'var(--tl-focus)' : 'var(--tl-net)'}
            strokeWidth={1.25 + (4 * onTheWay) / longest}
            opacity={hot || on ? 1 : 0.75}
            style={{ cursor: 'pointer' }}
            onClick={() => show(call)}
          >
            <title>{`${ladder.from} → ${ladder.to} ${ladder.request}: ${formatTime(onTheWay)} on the way`}</title>
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
