// Moments inside a span that its code told of: from the frame's column `events` where it
// has one (`t`: nanoseconds after the span's start), or from a span's details (Unix time).
import type { Trace } from './model';

export interface SpanEvent {
  /** Nanoseconds from the trace's start. */
  time: number;
  name: string;
  /** Its attributes as text; none where there are none. */
  attributes?: ReadonlyArray<readonly [key: string, value: string]>;
}

const MOST = 500;

/** Reads a list of events, as JSON text or as values; what is no event is left out. */
export function readEvents(value: unknown, startNs: string, spanStart = 0): SpanEvent[] {
  let list = value;
  if (typeof value === 'string') {
    try {
      list = value === '' ? [] : JSON.parse(value);
    } catch {
      return [];
    }
  }
  if (!Array.isArray(list)) {
    return [];
  }
  return list.slice(0, MOST).flatMap((event) => {
    const { t, time, timeUnixNano, name, attributes } = (event ?? {}) as Record<string, unknown>;
    const at = typeof t === 'number' && Number.isFinite(t) ? spanStart + t : fromStart(time ?? timeUnixNano, startNs);
    if (at === undefined) {
      return [];
    }
    const words = attributeWords(attributes);
    return [{ time: at, name: String(name ?? 'event'), ...(words.length > 0 ? { attributes: words } : {}) }];
  });
}

// As the frame has them, a record, or as OpenTelemetry writes them, a list of keys and values.
function attributeWords(attributes: unknown): Array<readonly [string, string]> {
  if (attributes === null || typeof attributes !== 'object') {
    return [];
  }
  const word = (v: unknown): string => (typeof v === 'string' ? v : (JSON.stringify(v) ?? ''));
  return Array.isArray(attributes) ? attributes.filter((a) => a?.key).map((a) => [String(a.key), word(a.value)]) : Object.entries(attributes).map(([key, v]) => [key, word(v)]);
}

// Unix nanoseconds are more than a number holds exactly: the difference is taken in whole
// numbers. One that came as a number is off by less than 300 ns.
function fromStart(time: unknown, startNs: string): number | undefined {
  if (typeof time !== 'number' && typeof time !== 'string') {
    return undefined;
  }
  try {
    return Number(BigInt(time) - BigInt(startNs || '0'));
  } catch {
    return undefined;
  }
}

const known = new WeakMap<Float64Array, Map<number, readonly SpanEvent[]>>();
const NONE: readonly SpanEvent[] = [];

/** Events of a span as the frame has them, by time; read once. */
export function eventsOf(t: Trace, row: number): readonly SpanEvent[] {
  if (t.events.length === 0 || !t.events[row]) {
    return NONE;
  }
  let rows = known.get(t.start);
  if (!rows) {
    known.set(t.start, (rows = new Map()));
  }
  let events = rows.get(row);
  if (!events) {
    rows.set(row, (events = readEvents(t.events[row], t.meta.startNs, t.start[row]).sort((a, b) => a.time - b.time)));
  }
  return events;
}

/** The events that are drawn for a span: the frame's, else those its details told. */
export const shownEvents = (t: Trace, row: number, details: { row: number; list: readonly SpanEvent[] } | null): readonly SpanEvent[] => {
  const own = eventsOf(t, row);
  return own.length > 0 || details?.row !== row ? own : details.list;
};
