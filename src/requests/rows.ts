// The rows of a search's frame.
import type { DataFrame } from '@grafana/data';
import { hasNoAnswer } from '../trace/outcome';

export interface RequestRow {
  /** Its place in the frame: the newest is 0. Links are made from it. */
  index: number;
  trace: string;
  span: string;
  start: number; // Unix ms
  service: string;
  request: string;
  duration: number; // ns, of the request alone
  status: string;
  code: number;
  client: string;
  /** Of its trace; 0 where the row is a request alone. */
  errors: number;
  /** What failed first, with its message. */
  failure: string;
  /** Which span of the trace the search's filters match. */
  matched: string;
  /** The trace's root is not stored: the row is its earliest span. */
  rootless: boolean;
}

export interface Requests {
  frame: DataFrame;
  rows: RequestRow[];
  /** Whose time the bars show: the row's whole trace, or the request and what it caused. */
  of: Of;
  /** The data source that knows where the time went. */
  datasource: string;
  /** Why there are no rows, in words. */
  nothing: string[];
}

export type Of = 'trace' | 'request';

interface Meta {
  throughline?: string;
  scope?: string;
  datasource?: string;
  rootless?: number[];
  nothing?: string[];
}

const metaOf = (frame: DataFrame): Meta => (frame.meta?.custom ?? {}) as Meta;

/** The first frame of a search; undefined where there is none. */
export function readRequests(series: DataFrame[]): Requests | undefined {
  const frame = series.find((f) => metaOf(f).throughline === 'requests');
  if (!frame) {
    return undefined;
  }
  const { scope, datasource = '', rootless = [], nothing = [] } = metaOf(frame);
  const values = new Map(frame.fields.map((f) => [f.name, f.values]));
  const text = (name: string, i: number) => String(values.get(name)?.[i] ?? '');
  const number = (name: string, i: number) => Number(values.get(name)?.[i] ?? 0) || 0;
  const rows = Array.from({ length: frame.length }, (_, index): RequestRow => ({
    index,
    trace: text('trace', index),
    span: text('span', index),
    start: number('start', index),
    service: text('service', index),
    request: text('request', index),
    duration: number('duration', index),
    status: text('status', index),
    code: number('code', index),
    client: text('client', index),
    errors: number('errors', index),
    failure: text('failure', index),
    matched: text('matched', index),
    rootless: rootless.includes(index),
  }));
  return { frame, rows, of: scope === 'roots' ? 'trace' : 'request', datasource, nothing };
}

/** What went wrong with a request, "" for what went well or is not known. */
export const failureOf = ({ status }: RequestRow): '' | 'client' | 'server' =>
  status === 'client error' ? 'client' : status === 'server error' || status === 'error' || hasNoAnswer(status) ? 'server' : '';
