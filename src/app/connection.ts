// What the data source's resource "connected" answers. Times are in Unix ms, 0 is never.
import { t } from '../language/t';

export interface Connection {
  now: number;
  hours: number; // how far back it looks
  store: { ok: boolean; where: string; message?: string };
  agents: Agent[];
  sources: Source[];
  losses: Loss[];
  moreLosses?: number;
  advice: Array<{ what: string; do: string; optional?: boolean }>; // optional: OpenTelemetry alone does without
}

export interface Agent {
  name: string;
  node: string;
  started: number;
  heard: number;
  alive: boolean;
  runs: number;
  lost: number;
  blind?: Array<{ from: number; to: number }>;
}

interface Source {
  source: 'APP' | 'SYS' | 'NET';
  last: number;
  stored: number;
  lost: number;
}

interface Loss {
  reporter: string;
  stage: string;
  source?: string;
  what: string;
  count: number;
}

export const sourceName = (source: Source['source']): string =>
  ({
    APP: t('connected.app', 'Code (OpenTelemetry)'),
    SYS: t('connected.sys', 'System calls (eBPF)'),
    NET: t('connected.net', 'Network (packets)'),
  })[source];

/** "4 s ago": whole units, the largest that fits. Clocks of browser and server may differ a little. */
export function ago(then: number, now: number): string {
  if (!then) {
    return t('connected.never', 'nothing yet');
  }
  const seconds = Math.max(0, Math.round((now - then) / 1000));
  if (seconds < 1) {
    return t('connected.now', 'just now');
  }
  return t('connected.ago', '{{time}} ago', { time: length(seconds) });
}

/** "5 min" of a number of seconds. */
export function length(seconds: number): string {
  if (seconds < 120) {
    return `${Math.round(seconds)} s`;
  }
  if (seconds < 120 * 60) {
    return `${Math.round(seconds / 60)} min`;
  }
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : t('connected.days', '{{n}} days', { n: Math.round(seconds / 86400) });
}

export const number = (n: number) => n.toLocaleString('en-US');

/** How long nobody looked, in seconds: overlapping intervals of agent and server count once. */
export function blindSeconds(agent: Agent): number {
  let end = 0;
  let sum = 0;
  for (const { from, to } of [...(agent.blind ?? [])].sort((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return sum / 1000;
}
