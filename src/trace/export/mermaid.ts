// The trace as a Mermaid diagram: calls between services in the order they were made, or
// the services and how often they called each other.
import { hopsOf } from '../calls';
import type { Analysis } from '../analysis';
import { formatTime, plural } from '../format';
import { serviceOf } from '../model';
import { calleeName, callerName } from '../owner';
import { waysOf } from '../ways';

/** Messages past which a diagram is no picture any more; the rest is counted in a note. */
const MOST = 300;

interface CallLine {
  from: string;
  to: string;
  words: string;
  start: number;
  end: number;
  time: number;
  way: number;
  failed: boolean;
}

function callsOf({ trace: t, calls }: Analysis): CallLine[] {
  const { onTheWay } = waysOf(t, calls);
  const lines = Array.from(onTheWay, (way, call) => {
    const hops = hopsOf(calls, call);
    const [first, last] = [hops[0], hops[hops.length - 1]];
    return {
      from: serviceOf(t, first) || callerName(t, first),
      to: serviceOf(t, last) || calleeName(t, last),
      words: t.text.request[first] || t.text.name[first] || t.text.protocol[first] || 'call',
      start: t.start[first],
      end: t.end[first],
      time: t.end[first] - t.start[first],
      way,
      failed: t.error[first] === 1,
    };
  });
  // Without system calls or packets the calls are what code spans say of each other.
  return (lines.length > 0 ? lines : codeCalls(t)).sort((a, b) => a.start - b.start || b.end - a.end);
}

function codeCalls(t: Analysis['trace']): CallLine[] {
  const lines: CallLine[] = [];
  for (const i of t.order) {
    const p = t.parent[i];
    if (p >= 0 && t.service[i] !== t.service[p]) {
      lines.push({ from: serviceOf(t, p), to: serviceOf(t, i), words: t.text.name[i], start: t.start[i], end: t.end[i], time: t.end[i] - t.start[i], way: 0, failed: t.error[i] === 1 });
    }
  }
  return lines;
}

export function toSequenceDiagram(a: Analysis): string {
  const calls = callsOf(a);
  const shown = calls.slice(0, MOST);
  const names = participants(shown);
  const events = shown
    .flatMap((c, k) => [
      { time: c.start, order: k, line: `${names.get(c.from)}->>${names.get(c.to)}: ${escape(c.words)}` },
      { time: c.end, order: shown.length - k, line: `${names.get(c.to)}--${c.failed ? 'x' : '>>'}${names.get(c.from)}: ${formatTime(c.time)}${c.way > 0 ? `, ${formatTime(c.way)} on the way` : ''}` },
    ])
    .sort((x, y) => x.time - y.time || x.order - y.order);
  return [
    'sequenceDiagram',
    ...[...names].map(([name, alias]) => `    participant ${alias} as ${escape(name || 'unknown')}`),
    ...events.map((e) => `    ${e.line}`),
    ...(calls.length > MOST ? [`    Note over ${[...names.values()][0]}: ${plural(calls.length - MOST, 'more call')} left out`] : []),
    '',
  ].join('\n');
}

export function toFlowchart(a: Analysis): string {
  const edges = new Map<string, { from: string; to: string; count: number; time: number; failed: number }>();
  const calls = callsOf(a);
  for (const c of calls) {
    const key = `${c.from}\n${c.to}`;
    const edge = edges.get(key) ?? { from: c.from, to: c.to, count: 0, time: 0, failed: 0 };
    edges.set(key, edge);
    edge.count++;
    edge.time += c.time;
    edge.failed += c.failed ? 1 : 0;
  }
  const names = participants(calls);
  return [
    'flowchart LR',
    ...[...names].map(([name, alias]) => `    ${alias}["${escape(name || 'unknown')}"]`),
    ...[...edges.values()].map((e) => `    ${names.get(e.from)} -->|"${e.count}×, ${formatTime(e.time)}${e.failed ? `, ${e.failed} failed` : ''}"| ${names.get(e.to)}`),
    '',
  ].join('\n');
}

function participants(calls: readonly CallLine[]): Map<string, string> {
  const names = new Map<string, string>();
  calls.forEach((c) => [c.from, c.to].forEach((name) => names.has(name) || names.set(name, `p${names.size + 1}`)));
  return names;
}

// What ends a line or starts a keyword in Mermaid is written as a character reference.
const escape = (text: string): string => text.replace(/[\r\n]+/g, ' ').replace(/[#;"<>|{}[\]]/g, (c) => `#${c.charCodeAt(0)};`).slice(0, 120);
