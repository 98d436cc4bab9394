import { type AdHocVariableFilter, type DataQuery } from '@grafana/data';

export type QueryType = 'trace' | 'search' | 'serviceMap' | 'metrics' | 'annotations' | 'variables';

/** Which frames a trace query returns: for our panel, for Grafana's own trace view, or both. */
export type TraceView = 'flame' | 'trace' | 'both';

/** "roots" are traces, found by any of their spans; "auto", of older dashboards, is the same. */
export type Scope = 'auto' | 'roots' | 'requests' | 'all';

/** The values that a variable query can list. Any other name is an attribute's key. */
export const valueNames = ['namespace', 'workload', 'service', 'pod', 'node', 'protocol', 'request_resource'] as const;

export interface ThroughlineQuery extends DataQuery {
  queryType?: QueryType;

  // queryType "trace". Named `query` because Explore's "open linked span" rewrites it.
  query?: string; // a trace id, or the id of any of its spans
  spanVariable?: string; // name of a variable whose span id is looked up where `query` is empty
  view?: TraceView;

  // queryType "search", and what narrows the values of queryType "variables".
  namespace?: string;
  workload?: string;
  service?: string;
  protocol?: string;
  requestResource?: string; // with * as wildcard
  source?: string; // APP, SYS or NET
  status?: string;
  minDuration?: string; // "5ms"
  maxDuration?: string;
  scope?: Scope | string; // or a variable
  limit?: number;
  filters?: AdHocVariableFilter[]; // on anything a span has; set by the dashboard, too

  // queryType "variables".
  name?: string;

  // queryType "metrics".
  format?: 'timeseries' | 'numeric' | 'table' | 'heatmap';
  metrics?: string[]; // rate, errors, errorRatio, count, mean, retransmissions, retransmissionRatio, p50, p90, p99, any other percentile
  groupBy?: string[];
  observed?: 'served' | 'called' | 'all';
  step?: string;
}

/** The properties in which variables are replaced. */
export const templated = [
  'query',
  'namespace',
  'workload',
  'service',
  'protocol',
  'requestResource',
  'source',
  'status',
  'minDuration',
  'maxDuration',
  'scope',
  'name',
] as const;
