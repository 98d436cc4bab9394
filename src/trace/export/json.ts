// The trace as a JSON document, and back: what was saved can be opened again.
import type { FrameLike } from '../frame';
import { CONFIDENCE_NAMES, POINT_NAMES, serviceOf, SOURCE_NAMES } from '../model';
import type { TextColumn, Trace } from '../model';

/** Text columns that a document has under the same name, and those with another one. */
const SAME: readonly TextColumn[] = ['kind', 'name', 'node', 'pod', 'namespace', 'interface', 'tunnel', 'protocol', 'request', 'client', 'server', 'status', 'rule', 'reason', 'orphan'];
const RENAMED: ReadonlyArray<[TextColumn, string]> = [
  ['ofPod', 'of_pod'],
  ['interfaceType', 'interface_type'],
];

export interface JsonTrace {
  trace_id: string;
  start_ns: string;
  truncated?: string;
  clock_offsets_ns?: Record<string, number>;
  spans: Array<Record<string, unknown>>;
}

/** The first `count` spans in pre-order; times are nanoseconds from the start. */
export function toJson(t: Trace, count = t.length): JsonTrace {
  const text = (i: number) =>
    Object.fromEntries([...SAME.map((name) => [name, t.text[name][i]]), ...RENAMED.map(([name, out]) => [out, t.text[name][i]])].filter(([, v]) => v !== ''));
  return {
    trace_id: t.meta.traceId,
    start_ns: t.meta.startNs,
    truncated: t.meta.truncated || undefined,
    clock_offsets_ns: Object.keys(t.meta.offsets).length > 0 ? t.meta.offsets : undefined,
    spans: Array.from(t.order.subarray(0, count), (i) => ({
      id: t.text.id[i],
      parent: t.parent[i] < 0 ? null : t.text.id[t.parent[i]],
      source: SOURCE_NAMES[t.source[i]],
      observation_point: POINT_NAMES[t.point[i]],
      service: serviceOf(t, i),
      ...text(i),
      offset_ns: t.start[i],
      duration_ns: t.end[i] - t.start[i],
      response_ns: t.response[i] > 0 ? t.response[i] - t.start[i] : undefined,
      code: t.code[i] || undefined,
      error: t.error[i] === 1 || undefined,
      missing: t.missing[i] || undefined,
      confidence: CONFIDENCE_NAMES[t.confidence[i]],
    })),
  };
}

/** Makes the frame again that a document was written from. Throws with words when it is none. */
export function fromJson(text: string): FrameLike {
  let document: JsonTrace;
  try {
    document = JSON.parse(text);
  } catch (e) {
    throw new Error(`this is no JSON document: ${e instanceof Error ? e.message : e}`);
  }
  if (!document || !Array.isArray(document.spans)) {
    throw new Error('this JSON document has no list of spans; open one that was saved here');
  }
  const { spans } = document;
  const row = new Map(spans.map((s, k) => [String(s.id), k]));
  const column = (name: string, of: (s: Record<string, unknown>) => unknown) => ({ name, values: spans.map(of) });
  const words = (name: string, from = name) => column(name, (s) => String(s[from] ?? ''));
  return {
    length: spans.length,
    fields: [
      words('id'),
      column('parentIdx', (s) => (s.parent === null ? -1 : (row.get(String(s.parent)) ?? -1))),
      words('source'),
      words('point', 'observation_point'),
      words('service'),
      ...SAME.map((name) => words(name)),
      ...RENAMED.map(([name, from]) => words(name, from)),
      column('offset', (s) => Number(s.offset_ns) || 0),
      column('duration', (s) => Number(s.duration_ns) || 0),
      column('response', (s) => Number(s.response_ns) || 0),
      column('code', (s) => Number(s.code) || 0),
      column('error', (s) => s.error === true),
      column('missing', (s) => Number(s.missing) || 0),
      words('confidence'),
    ],
    meta: { custom: { throughline: 'trace', traceId: document.trace_id, startNs: document.start_ns, offsets: document.clock_offsets_ns ?? {}, truncated: document.truncated ?? '' } },
  };
}
