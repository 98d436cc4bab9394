// Where the panel's links to logs, metrics and profiles lead: settings of the data source
// that the trace came from. Without Grafana around there are none.
import { createContext } from 'react';
import type { SignalLink, SignalSettings, SignalSpan, TypeOf } from '../trace/signals';

export interface Signals {
  settings: SignalSettings;
  typeOf: TypeOf;
  href: (link: SignalLink) => string;
}

export const SignalsContext = createContext<Signals | null>(null);

/** What the data source says of a span, as links need it; undefined where it says too little. */
export function signalSpan(details: unknown, name: string, trace: { id: string; name: string; duration: number }): SignalSpan | undefined {
  const { id, traceId, spanId, startNs, duration, signalTags } = (details ?? {}) as Record<string, unknown>;
  const start = Number(startNs) / 1e6;
  if (!startNs || !Number.isFinite(start)) {
    return undefined;
  }
  return {
    traceId: String(traceId || trace.id),
    spanId: String(spanId || id || ''),
    name,
    start,
    duration: (Number(duration) || 0) / 1e6,
    trace: { name: trace.name, duration: trace.duration / 1e6 },
    tags: Object.fromEntries(Object.entries((signalTags ?? {}) as Record<string, unknown>).map(([key, value]) => [key, String(value ?? '')])),
  };
}
