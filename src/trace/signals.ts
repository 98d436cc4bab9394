// From a span to its logs, metrics and profiles in other data sources. The settings are those
// that Grafana's own trace view reads from a data source, by the same names, so that one
// setting serves both.

export interface TagMapping {
  /** Tag of a span, such as k8s.pod.name. */
  key: string;
  /** What the other data source calls it; like the key where it is left out. */
  value?: string;
}

interface TimeShift {
  /** Such as -1m: how far before the span's start, and after its end, is looked. */
  spanStartTimeShift?: string;
  spanEndTimeShift?: string;
}

export interface LogsSettings extends TimeShift {
  datasourceUid?: string;
  tags?: TagMapping[];
  filterByTraceID?: boolean;
  filterBySpanID?: boolean;
  customQuery?: boolean;
  query?: string;
}

export interface MetricsSettings extends TimeShift {
  datasourceUid?: string;
  tags?: TagMapping[];
  queries?: Array<{ name?: string; query?: string }>;
}

export interface ProfilesSettings {
  datasourceUid?: string;
  tags?: TagMapping[];
  profileTypeId?: string;
  customQuery?: boolean;
  query?: string;
}

/** Properties of a data source's jsonData. */
export interface SignalSettings {
  tracesToLogsV2?: LogsSettings;
  tracesToMetrics?: MetricsSettings;
  tracesToProfiles?: ProfilesSettings;
}

/** What links are made of; times in milliseconds. */
export interface SignalSpan {
  traceId: string;
  spanId: string;
  name: string;
  start: number; // Unix time
  duration: number;
  trace: { name: string; duration: number };
  tags: Readonly<Record<string, string>>;
}

type Signal = 'logs' | 'metrics' | 'profiles';

export interface SignalLink {
  signal: Signal;
  /** Of a metric's query, '' otherwise. */
  name: string;
  datasourceUid: string;
  datasourceType: string;
  query: Record<string, unknown>;
  from: number;
  to: number;
}

/** By these, links work for spans of every source: a packet and a system call have a pod, too. */
export const podTags: readonly TagMapping[] = [
  { key: 'k8s.namespace.name', value: 'namespace' },
  { key: 'k8s.pod.name', value: 'pod' },
];
export const serviceTags: readonly TagMapping[] = [{ key: 'service.name', value: 'service_name' }];

/** Type of a data source by its uid; undefined where there is none. */
export type TypeOf = (uid: string) => string | undefined;

/** The links of a span. One whose query names a tag that the span has not is left out. */
export function signalLinks(settings: SignalSettings, span: SignalSpan, typeOf: TypeOf): SignalLink[] {
  const links: SignalLink[] = [];
  const { tracesToLogsV2: logs, tracesToMetrics: metrics, tracesToProfiles: profiles } = settings;
  const add = (signal: Signal, uid: string | undefined, shift: TimeShift, name: string, make: (type: string) => Record<string, unknown> | undefined) => {
    const type = uid ? typeOf(uid) : undefined;
    const query = type === undefined ? undefined : make(type);
    if (uid && type !== undefined && query) {
      links.push({ signal, name, datasourceUid: uid, datasourceType: type, query, ...range(span, shift) });
    }
  };
  if (logs) {
    add('logs', logs.datasourceUid, logs, '', (type) => logsQuery(type, logs, span));
  }
  for (const { name = '', query = '' } of metrics?.queries ?? []) {
    add('metrics', metrics?.datasourceUid, metrics ?? {}, name, (type) => {
      const expr = replace(query, span, tagText(type, metrics?.tags, podTags, span));
      return expr ? { expr } : undefined;
    });
  }
  if (profiles) {
    add('profiles', profiles.datasourceUid, {}, '', (type) => {
      const tags = tagText(type, profiles.tags, serviceTags, span);
      const labelSelector = profiles.customQuery ? replace(profiles.query ?? '', span, tags) : tags && `{${tags}}`;
      return labelSelector ? { labelSelector, profileTypeId: profiles.profileTypeId ?? '', groupBy: [], queryType: 'profile' } : undefined;
    });
  }
  return links;
}

/** Where Explore shows a query of a data source; times are Unix ms. */
export function exploreUrl({ datasourceUid: uid, datasourceType: type, query, from, to }: Omit<SignalLink, 'signal' | 'name'>): string {
  const pane = { datasource: uid, queries: [{ refId: 'A', datasource: { uid, type }, ...query }], range: { from: String(from), to: String(to) } };
  return `/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify({ a: pane }))}`;
}

function logsQuery(type: string, logs: LogsSettings, span: SignalSpan): Record<string, unknown> | undefined {
  const tags = tagText(type, logs.tags, podTags, span);
  if (logs.customQuery) {
    const text = replace(logs.query ?? '', span, tags);
    return text ? inLanguage(type, text) : undefined;
  }
  if (!tags) {
    return undefined; // all logs there are would be no answer
  }
  const ids = [logs.filterByTraceID ? span.traceId : '', logs.filterBySpanID ? span.spanId : ''].filter(Boolean).map((id) => `"${quoted(id)}"`);
  switch (type) {
    case 'loki':
      return inLanguage(type, [`{${tags}}`, ...ids.map((id) => `|= ${id}`)].join(' '));
    case 'elasticsearch':
    case 'grafana-opensearch-datasource':
      return inLanguage(type, [tags, ...ids].join(' AND '));
    default:
      return inLanguage(type, [tags, ...ids].join(' '));
  }
}

// The property in which a data source keeps its text; of one that is not known, both usual ones.
function inLanguage(type: string, text: string): Record<string, unknown> {
  switch (type) {
    case 'loki':
      return { expr: text };
    case 'elasticsearch':
    case 'grafana-opensearch-datasource':
      return { query: text, metrics: [{ id: '1', type: 'logs' }] };
    default:
      return { expr: text, query: text };
  }
}

const searches = new Set(['elasticsearch', 'grafana-opensearch-datasource']);

/** The tags that the span has, as conditions of the other data source's language. */
function tagText(type: string, mapped: readonly TagMapping[] | undefined, usual: readonly TagMapping[], span: SignalSpan): string {
  const chosen = mapped?.some((t) => t.key) ? mapped.filter((t) => t.key) : usual;
  const present = chosen.filter((t) => span.tags[t.key]);
  if (searches.has(type)) {
    return present.map((t) => `${t.value || t.key}:"${quoted(span.tags[t.key])}"`).join(' AND ');
  }
  // Labels of Loki, Prometheus and Pyroscope have no dots.
  const label = (t: TagMapping) => t.value || t.key.replace(/[^a-zA-Z0-9_]/g, '_');
  return present.map((t) => `${label(t)}="${quoted(span.tags[t.key])}"`).join(type === 'grafana-splunk-datasource' ? ' ' : ', ');
}

const quoted = (text: string) => text.replace(/[\\"]/g, (c) => '\\' + c).replace(/\n/g, '\\n');

const variable = /\$\{__(span|trace|tags)((?:\.[\w.]+|\[(?:"[^"]*"|'[^']*')\])*)\}|\$__(tags)\b/g;

/** Fills in what a query says of the span; '' where it asks for what the span has not. */
function replace(query: string, span: SignalSpan, tags: string): string {
  let whole = true;
  const text = query.replace(variable, (_, of: string | undefined, path: string | undefined) => {
    const value = of === undefined || of === 'tags' ? tags : quoted(valueOf(of, path ?? '', span));
    whole &&= value !== '';
    return value;
  });
  return whole ? text : '';
}

function valueOf(of: string, path: string, span: SignalSpan): string {
  const tag = /^\.tags(?:\.([\w.]+)|\[["'](.*)["']\])$/.exec(path);
  if (of === 'span' && tag) {
    return span.tags[tag[1] ?? tag[2]] ?? '';
  }
  const known: Record<string, string | number> =
    of === 'span'
      ? { '.traceId': span.traceId, '.traceID': span.traceId, '.spanId': span.spanId, '.spanID': span.spanId, '.name': span.name, '.duration': span.duration }
      : { '.traceId': span.traceId, '.traceID': span.traceId, '.name': span.trace.name, '.duration': span.trace.duration };
  return String(known[path] ?? '');
}

const units: Record<string, number> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 7 * 86400e3 };

/** A shift such as -1m in milliseconds; undefined where it cannot be read. */
export function readShift(text: string | undefined): number | undefined {
  const found = /^(-?)(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec((text ?? '').trim());
  return found ? Number(found[1] + found[2]) * units[found[3]] : (text ?? '').trim().replace(/^-?0$/, '') === '' ? 0 : undefined;
}

function range(span: SignalSpan, shift: TimeShift): { from: number; to: number } {
  const from = Math.floor(span.start + (readShift(shift.spanStartTimeShift) ?? 0));
  const to = Math.floor(span.start + span.duration + (readShift(shift.spanEndTimeShift) ?? 0));
  return { from, to: Math.max(to, from + 1) }; // a range is a millisecond at least
}
