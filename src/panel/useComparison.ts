import { useCallback, useMemo, useState } from 'react';
import { from as observe, lastValueFrom } from 'rxjs';
import { dateTime, LoadingState, type DataFrame, type DataQueryRequest } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { isTraceFrame } from '../trace/frame';
import type { TraceClient } from '../trace/worker/client';
import type { Comparable } from './comparable';
import { candidatesOf, kindOf, searchAround, searchFor, type Subject } from './recentTraces';
import { useAnalysis } from './useAnalysis';

const AROUND = 2000; // milliseconds around the trace's start in which a list has it

type Answer = { id: string; frame?: DataFrame; error?: string };

/**
 * The trace to compare with: one asked for by its id, else the second trace among the
 * panel's queries.
 */
export function useComparison(client: TraceClient, series: DataFrame[], request: DataQueryRequest | undefined): Comparable {
  const second = useMemo(() => series.filter((f) => isTraceFrame(f) && f.length > 0)[1], [series]);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const frame = answer?.frame ?? second;
  const other = useAnalysis(client, frame);
  const target = request?.targets?.[0];
  const open = useCallback(
    async (id: string) => {
      setAnswer({ id });
      const tell = (change: Omit<Answer, 'id'>) => setAnswer((now) => (now?.id === id ? { id, ...change } : now)); // a later question wins
      try {
        const found = (await ask(request!, `compare-${id}`, { queryType: 'trace', query: id })).find((f) => isTraceFrame(f) && f.length > 0);
        tell(found ? { frame: found } : { error: `nothing was found for ${id} in the time range` });
      } catch (e) {
        tell({ error: messageOf(e) });
      }
    },
    [request]
  );
  const recent = useCallback(
    async (subject: Subject) => {
      try {
        const [from, to] = [subject.start - AROUND, subject.start + AROUND].map((t) => dateTime(t));
        const around = { ...request!, range: { from, to, raw: { from, to } } };
        const kind = kindOf((await ask(around, 'compare-kind', searchAround))[0], subject);
        return candidatesOf((await ask(request!, 'compare-recent', searchFor(kind)))[0], kind);
      } catch (e) {
        throw new Error(messageOf(e));
      }
    },
    [request]
  );
  return {
    other,
    error: answer?.error,
    loading: (answer !== null && !answer.frame && !answer.error) || (frame !== undefined && !other),
    ...(target ? { open, recent } : {}),
  };
}

/** Asks the data source of the panel something else. */
async function ask(request: DataQueryRequest, requestId: string, query: Record<string, unknown>): Promise<DataFrame[]> {
  const [target] = request.targets;
  const source = await getDataSourceSrv().get(target.datasource ?? null);
  const response = await lastValueFrom(observe(source.query({ ...request, requestId, targets: [{ ...target, ...query }] } as DataQueryRequest)));
  const failure = response.errors?.[0] ?? response.error;
  if (failure || response.state === LoadingState.Error) {
    throw new Error(failure?.message ?? 'the data source could not answer');
  }
  return response.data as DataFrame[];
}

const messageOf = (e: unknown): string => (e instanceof Error ? e.message : String((e as { statusText?: string })?.statusText ?? e));
