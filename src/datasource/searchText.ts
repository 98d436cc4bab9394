// A search as a line of text: `service=web-shop duration>5ms user.id="7" order`. The builder
// and the text are two ways to write the same query.
import { type AdHocVariableFilter } from '@grafana/data';
import { t } from '../language/t';
import { firstTerm, writeFilter } from '../trace/terms';
import { type ThroughlineQuery } from './query';

/** The part of a query that a text says. */
export type Search = Pick<
  ThroughlineQuery,
  | 'namespace'
  | 'workload'
  | 'service'
  | 'protocol'
  | 'requestResource'
  | 'source'
  | 'status'
  | 'minDuration'
  | 'maxDuration'
  | 'filters'
>;

// Key in the text -> property of the query.
const fields = {
  namespace: 'namespace',
  workload: 'workload',
  service: 'service',
  protocol: 'protocol',
  request: 'requestResource',
  source: 'source',
  status: 'status',
} as const;

type FieldKey = keyof typeof fields;

const isField = (key: string): key is FieldKey => key in fields;

/** A filter's key for a key of the text: attributes keep theirs. */
const filterKey = (key: string) => (key === 'request' ? 'request_resource' : key);
const textKey = (key: string) => (key === 'request_resource' ? 'request' : key);

/** Reads a text. What cannot be read is an Error that says where and how to write it. */
export function parseSearch(text: string): Search {
  const out: Search = {};
  const filters: AdHocVariableFilter[] = [];
  let rest = text.trim();
  while (rest) {
    const term = firstTerm(rest);
    if (!term) {
      const at = rest.split(/\s/)[0];
      throw new Error(t('search.unread', '"{{text}}" cannot be read: write key=value, with "quotes" around a value with spaces', { text: at }));
    }
    if (term.operator) {
      add(out, filters, term.key, term.operator, term.value);
    } else {
      if (out.requestResource) {
        throw new Error(t('search.request-twice', 'the request is said twice: "{{first}}" and "{{second}}"', { first: out.requestResource, second: rest.slice(0, term.length) }));
      }
      out.requestResource = term.value.includes('*') ? term.value : `*${term.value}*`;
    }
    rest = rest.slice(term.length).trimStart();
  }
  if (filters.length > 0) {
    out.filters = filters;
  }
  return out;
}

function add(out: Search, filters: AdHocVariableFilter[], key: string, operator: string, value: string) {
  if (key === 'duration') {
    const property = operator.startsWith('>') ? 'minDuration' : operator.startsWith('<') ? 'maxDuration' : undefined;
    if (!property) {
      throw new Error(t('search.duration-form', '{{text}}: write duration>5ms or duration<1s', { text: `duration${operator}${value}` }));
    }
    if (!/^\d+(\.\d+)?(ns|us|µs|ms|s|m|h)$|^\$/.test(value)) {
      throw new Error(t('search.no-duration', '"{{text}}" is no duration: write it as 500us, 5ms or 1.5s', { text: value }));
    }
    out[property] = value;
    return;
  }
  if (isField(key) && operator === '=') {
    const property = fields[key];
    if (out[property]) {
      throw new Error(t('search.twice', '{{key}} is said twice: "{{first}}" and "{{second}}"', { key, first: String(out[property]), second: value }));
    }
    out[property] = value;
    return;
  }
  filters.push({ key: filterKey(key), operator, value });
}

/** Writes a query as text: what parseSearch reads as the same query. */
export function printSearch(query: Search): string {
  const terms: string[] = [];
  for (const key of Object.keys(fields) as FieldKey[]) {
    const value = query[fields[key]];
    if (value) {
      terms.push(writeFilter(key, '=', value));
    }
  }
  if (query.minDuration) {
    terms.push(`duration>${query.minDuration}`);
  }
  if (query.maxDuration) {
    terms.push(`duration<${query.maxDuration}`);
  }
  for (const { key, operator, value } of query.filters ?? []) {
    if (key) {
      terms.push(writeFilter(textKey(key), operator, value));
    }
  }
  return terms.join(' ');
}

/** The properties that a text says, cleared: what a new text replaces. */
export const emptySearch: Search = {
  ...Object.fromEntries(Object.values(fields).map((f) => [f, undefined])),
  minDuration: undefined,
  maxDuration: undefined,
  filters: undefined,
};

/** A query in one line, for the history and for the heads of folded queries. */
export function displayText(query: ThroughlineQuery): string {
  const search = printSearch(query);
  switch (query.queryType) {
    case 'trace':
      return query.query ? `trace ${query.query}` : 'trace';
    case 'variables':
      return [`values of ${query.name ?? '?'}`, search].filter(Boolean).join(' where ');
    case 'metrics': {
      const by = query.groupBy?.length ? ` by ${query.groupBy.join(', ')}` : '';
      const what = query.format === 'heatmap' ? 'durations' : (query.metrics ?? ['rate']).join(', ');
      return [`${what}${by}`, search].filter(Boolean).join(' where ');
    }
    case 'serviceMap':
      return ['service map', search].filter(Boolean).join(' where ');
    case 'annotations':
      return ['events', search].filter(Boolean).join(' where ');
    default:
      return search || 'all requests';
  }
}
