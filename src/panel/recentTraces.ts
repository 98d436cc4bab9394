// Traces of one request, from the data source's search.
import type { DataFrame } from '@grafana/data';
import { foldDigits } from '../trace/match';

/** A trace that another one may be compared with. */
export interface Candidate {
  id: string;
  name: string;
  /** Milliseconds of Unix time; nanoseconds. */
  start: number;
  duration: number;
  failed: boolean;
}

const MOST = 100;

/** The query for requests of a name such as "GET /orders/17"; what it finds is still to be looked through. */
export function searchFor(name: string): Record<string, unknown> {
  const path = name.slice(name.lastIndexOf(' ') + 1); // the resource alone is what a search knows
  return { queryType: 'search', query: undefined, requestResource: foldDigits(path).replaceAll('#', '*'), scope: 'roots', limit: MOST };
}

/** The requests of that name, ids and numbers aside; each trace once. */
export function candidatesOf(frame: DataFrame | undefined, name: string): Candidate[] {
  const column = (field: string): ArrayLike<unknown> => frame?.fields.find((f) => f.name === field)?.values ?? [];
  const [trace, request, start, duration, status] = ['trace', 'request', 'start', 'duration', 'status'].map(column);
  const byId = new Map<string, Candidate>();
  const kind = foldDigits(name);
  for (let k = 0; k < trace.length; k++) {
    const id = String(trace[k]);
    if (foldDigits(String(request[k])) === kind && !byId.has(id)) {
      byId.set(id, { id, name: String(request[k]), start: Number(start[k]), duration: Number(duration[k]), failed: /error|timeout/.test(String(status[k])) });
    }
  }
  return [...byId.values()];
}
