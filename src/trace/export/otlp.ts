// The trace as OTLP JSON (the JSON encoding of ExportTraceServiceRequest), for any tool
// that reads OpenTelemetry. Spans of system calls and packets go too: their point, node
// and interface are attributes, their kind is what the point makes it.
import { CONFIDENCE_NAMES, Point, POINT_NAMES, serviceOf, Source, SOURCE_NAMES } from '../model';
import type { TextColumn, Trace } from '../model';

type Attribute = { key: string; value: { stringValue: string } | { intValue: string } };

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code: number };
}

export interface OtlpTrace {
  resourceSpans: Array<{ resource: { attributes: Attribute[] }; scopeSpans: Array<{ scope: { name: string }; spans: OtlpSpan[] }> }>;
}

const KINDS: Record<string, number> = { INTERNAL: 1, SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 };
const ERROR = 2;

/** Attributes by the names that OpenTelemetry has for them; ours have a prefix. */
const ATTRIBUTES: ReadonlyArray<[TextColumn, string]> = [
  ['node', 'k8s.node.name'],
  ['pod', 'k8s.pod.name'],
  ['ofPod', 'throughline.of_pod'],
  ['namespace', 'k8s.namespace.name'],
  ['interface', 'network.interface.name'],
  ['tunnel', 'throughline.tunnel'],
  ['protocol', 'network.protocol.name'],
  ['request', 'throughline.request'],
  ['client', 'throughline.client'],
  ['server', 'throughline.server'],
  ['status', 'throughline.status'],
  ['rule', 'throughline.link.rule'],
  ['reason', 'throughline.link.reason'],
  ['orphan', 'throughline.link.missing'],
];

export function toOtlp(t: Trace): OtlpTrace {
  const start = BigInt(/^\d+$/.test(t.meta.startNs) ? t.meta.startNs : '0');
  const unix = (offset: number) => String(start + BigInt(Math.round(offset)));
  const traceId = hex(t.meta.traceId, 32);
  const byService = new Map<string, OtlpSpan[]>();
  for (const i of t.order) {
    const service = serviceOf(t, i) || t.text.ofPod[i] || 'network';
    const spans = byService.get(service) ?? [];
    byService.set(service, spans);
    spans.push({
      traceId,
      spanId: spanId(t, i),
      ...(t.parent[i] >= 0 && { parentSpanId: spanId(t, t.parent[i]) }),
      name: t.text.name[i] || t.text.request[i] || POINT_NAMES[t.point[i]] || 'span',
      kind: kindOf(t, i),
      startTimeUnixNano: unix(t.start[i]),
      endTimeUnixNano: unix(t.end[i]),
      attributes: attributesOf(t, i),
      status: { code: t.error[i] ? ERROR : 0 },
    });
  }
  return {
    resourceSpans: [...byService].map(([service, spans]) => ({
      resource: { attributes: [text('service.name', service)] },
      scopeSpans: [{ scope: { name: 'throughline' }, spans }],
    })),
  };
}

function kindOf(t: Trace, i: number): number {
  if (t.source[i] === Source.App) {
    return KINDS[t.text.kind[i].toUpperCase()] ?? KINDS.INTERNAL;
  }
  return t.point[i] === Point.ClientProcess ? KINDS.CLIENT : t.point[i] === Point.ServerProcess ? KINDS.SERVER : KINDS.INTERNAL;
}

function attributesOf(t: Trace, i: number): Attribute[] {
  const list = [text('throughline.source', SOURCE_NAMES[t.source[i]]), text('throughline.point', POINT_NAMES[t.point[i]]), text('throughline.link.confidence', CONFIDENCE_NAMES[t.confidence[i]])];
  ATTRIBUTES.forEach(([column, key]) => t.text[column][i] && list.push(text(key, t.text[column][i])));
  if (t.code[i]) {
    list.push({ key: t.text.protocol[i] === 'HTTP' ? 'http.response.status_code' : 'throughline.code', value: { intValue: String(t.code[i]) } });
  }
  return list;
}

const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });

// An id of the wrong form would make a reader refuse the whole trace.
const hex = (id: string, digits: number): string => {
  const clean = id.toLowerCase().replace(/[^0-9a-f]/g, '').slice(-digits).padStart(digits, '0');
  return /^0*$/.test(clean) ? clean.slice(1) + '1' : clean;
};

const spanId = (t: Trace, i: number): string => (/^[0-9a-f]{16}$/.test(t.text.id[i]) && !/^0+$/.test(t.text.id[i]) ? t.text.id[i] : hex((i + 1).toString(16), 16));
