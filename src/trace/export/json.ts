// The trace as a JSON document.
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
