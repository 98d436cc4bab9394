// Traces of one kind of request, from the data source's search. What a list calls the
// request of a trace is asked first: it may name another span of it than its root.
import type { DataFrame } from '@grafana/data';
import { foldName } from '../trace/fold';
import { hasNoAnswer } from '../trace/outcome';

/** A trace that another one may be compared with. */
export interface Candidate {
  id: string;
  name: string;
  /** Milliseconds of Unix time; nanoseconds. */
  start: number;
  duration: number;
  failed: boolean;
}

/** The trace that is looked at. */
export interface Subject {
  id: string;
  /** What its root is called, where no list has it. */
  name: string;
  /** Milliseconds of Unix time. */
  start: number;
}

interface Kind {
  name: string;
  service: string;
}

const MOST = 200;

/** The query for all requests around a trace, which it is one of. */
export const searchAround = { queryType: 'search', query: undefined, scope: 'roots', limit: MOST };

/** The query for requests of a kind; what it finds is still to be looked through. */
export const searchFor = ({ name, service }: Kind): Record<string, unknown> => ({
  ...searchAround,
  service: service || undefined,
  requestResource: foldName(name).replaceAll('#', '*'),
});

const columnsOf = (frame: DataFrame | undefined, names: string[]): Array<ArrayLike<unknown>> => names.map((name) => frame?.fields.find((f) => f.name === name)?.values ?? []);

/** What a list calls the trace. */
export function kindOf(frame: DataFrame | undefined, subject: Subject): Kind {
  const [trace, request, service] = columnsOf(frame, ['trace', 'request', 'service']);
  const row = Array.from(trace).indexOf(subject.id);
  return row < 0 ? { name: subject.name, service: '' } : { name: String(request[row]), service: String(service[row]) };
}

/** The requests of that kind, ids and numbers aside; each trace once. */
export function candidatesOf(frame: DataFrame | undefined, { name, service }: Kind): Candidate[] {
  const [trace, request, by, start, duration, status] = columnsOf(frame, ['trace', 'request', 'service', 'start', 'duration', 'status']);
  const byId = new Map<string, Candidate>();
  const kind = foldName(name);
  for (let k = 0; k < trace.length; k++) {
    const id = String(trace[k]);
    if (foldName(String(request[k])) === kind && (!service || by[k] === service) && !byId.has(id)) {
      byId.set(id, { id, name: String(request[k]), start: Number(start[k]), duration: Number(duration[k]), failed: /error/.test(String(status[k])) || hasNoAnswer(String(status[k])) });
    }
  }
  return [...byId.values()];
}
