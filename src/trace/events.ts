// Moments inside a span that its code told of: from the frame's column `events` where it
// has one, or from a span's details.

export interface SpanEvent {
  /** Nanoseconds from the trace's start. */
  time: number;
  name: string;
}

const MOST = 500;

/** Reads a list of events, as JSON text or as values; what is no event is left out. */
export function readEvents(value: unknown, startNs: string): SpanEvent[] {
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
    const { time, timeUnixNano, name } = (event ?? {}) as Record<string, unknown>;
    const at = fromStart(time ?? timeUnixNano, startNs);
    return at === undefined ? [] : [{ time: at, name: String(name ?? 'event') }];
  });
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
