// The trace as a JSON document. The data source opens it again (pkg/saved, assembled.go).
import { CONFIDENCE_NAMES, POINT_NAMES, serviceOf, SOURCE_NAMES } from '../model';
import type { TextColumn, Trace } from '../model';

/** Text columns that a document has under the same name, and those with another one. */
const SAME: readonly TextColumn[] = ['kind', 'name', 'node', 'pod', 'namespace', 'interface', 'tunnel', 'protocol', 'request', 'client', 'server', 'status', 'rule', 'reason', 'orphan', 'peer', 'message'];
const RENAMED: ReadonlyArray<[TextColumn, string]> = [
  ['ofPod', 'of_pod'],
  ['interfaceType', 'interface_type'],
  ['peerKind', 'peer_kind'],
  ['spanId', 'span_id'],
];

export interface JsonTrace {
  trace_id: string;
  start_ns: string;
  truncated?: string;
  clock_offsets_ns?: Record<string, number>;
  spans: Array<Record<string, unknown>>;
}

/** The first `count` spans in pre-order; times are nanoseconds from the start. */
export const toJson = (t: Trace, count = t.length): JsonTrace => ({
  trace_id: t.meta.traceId,
  start_ns: t.meta.startNs,
  truncated: t.meta.truncated || undefined,
  clock_offsets_ns: Object.keys(t.meta.offsets).length > 0 ? t.meta.offsets : undefined,
  spans: Array.from(t.order.subarray(0, count), (i) => spanOf(t, i)),
});

function spanOf(t: Trace, i: number): JsonTrace['spans'][number] {
  const texts = [...SAME.map((name) => [name, t.text[name][i]]), ...RENAMED.map(([name, out]) => [out, t.text[name][i]])];
  return {
    id: t.text.id[i],
    parent: t.parent[i] < 0 ? null : t.text.id[t.parent[i]],
    source: SOURCE_NAMES[t.source[i]],
    observation_point: POINT_NAMES[t.point[i]],
    service: serviceOf(t, i),
    ...Object.fromEntries(texts.filter(([, v]) => v !== '')),
    offset_ns: t.start[i],
    duration_ns: t.end[i] - t.start[i],
    response_ns: t.response[i] > 0 ? t.response[i] - t.start[i] : undefined,
    code: t.code[i] || undefined,
    error: t.error[i] === 1 || undefined,
    missing: t.missing[i] || undefined,
    confidence: CONFIDENCE_NAMES[t.confidence[i]],
    events: eventsOf(t.events[i]),
  };
}

/** Spans of one piece: some 20 ms. */
const PIECE = 5000;

/** The whole document as text in pieces, a line for each span. Between the pieces the page answers. */
export async function jsonText(t: Trace): Promise<string[]> {
  const { spans: _, ...head } = toJson(t, 0);
  const pieces = [`${JSON.stringify(head, null, 1).slice(0, -2)},\n "spans": [`];
  for (let from = 0; from < t.length; from += PIECE) {
    const lines = Array.from(t.order.subarray(from, from + PIECE), (i) => `\n  ${JSON.stringify(spanOf(t, i))}`);
    pieces.push(`${from > 0 ? ',' : ''}${lines.join(',')}`);
    await new Promise((done) => setTimeout(done));
  }
  return [...pieces, '\n ]\n}\n'];
}

/** Events as the frame has them: {t: nanoseconds after the span's start, name, attributes}. */
function eventsOf(text: unknown): unknown[] | undefined {
  return typeof text === 'string' && text !== '' ? JSON.parse(text) : undefined;
}
