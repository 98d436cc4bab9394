import { useMemo } from 'react';
import type { Analysis, TraceSource } from '../trace/analysis';
import { asUsual, type Usual } from '../trace/asUsual';
import type { Compared } from '../trace/compare';
import { compareAll } from '../trace/compareAll';
import { LARGE } from '../trace/worker/client';
import { useClient } from './traceWorker';
import { useAnswer } from './useAnswer';

/** What is read again by a worker to be compared there; null where both are small enough for the page. */
export function sourcesOf(a: Analysis, b: Analysis, usual: boolean): { there: TraceSource | 'usual'; here: TraceSource } | null {
  const there = usual ? 'usual' : a.source;
  return a.trace.length + b.trace.length > LARGE && there && b.source ? { there, here: b.source } : null;
}

/** The trace as it usually is, null where nobody knows; undefined while that is being found out. */
export function useUsual(analysis: Analysis): Usual | null | undefined {
  const client = useClient();
  const { source, trace } = analysis;
  const known = Object.keys(trace.meta.usual).length > 0;
  const large = trace.length > LARGE && source !== undefined;
  const now = useMemo(() => (known && !large ? asUsual(analysis) : null), [analysis, known, large]);
  const ask = useMemo(
    () => (known && large ? () => client.usual(source, analysis).then((usual) => ({ of: source, usual })) : null),
    [client, known, large, source] // eslint-disable-line react-hooks/exhaustive-deps -- colours do not change what is usual
  );
  const later = useAnswer(ask);
  if (later.error !== undefined) {
    throw later.error;
  }
  return ask ? (later.value && later.value.of === source ? later.value.usual : undefined) : now;
}

/** Two traces beside each other; null while that is being worked on, or while there is no other. */
export function useComparedTraces(a: Analysis | null, b: Analysis, usual: boolean): Compared | null {
  const client = useClient();
  const from = a && sourcesOf(a, b, usual);
  const { there, here } = from ?? {};
  const now = useMemo(() => (a && !here ? compareAll(a, b) : null), [a, b, here]);
  const ask = useMemo(() => (there && here ? () => client.compare(there, here).then((compared) => ({ there, here, compared })) : null), [client, there, here]);
  const later = useAnswer(ask);
  if (later.error !== undefined) {
    throw later.error;
  }
  return now ?? (ask && later.value && later.value.there === there && later.value.here === here ? later.value.compared : null);
}
