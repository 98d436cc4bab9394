import { useCallback, useMemo, useState } from 'react';
import { from as observe, lastValueFrom } from 'rxjs';
import { dateTime, LoadingState, type DataFrame, type DataQueryRequest } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { analyse, type Analysis } from '../trace/analysis';
import { isTraceFrame, readTrace } from '../trace/frame';
import type { Comparable } from './comparable';
import { candidatesOf, kindOf, searchAround, searchFor, type Subject } from './recentTraces';

const AROUND = 2000; // milliseconds around the trace's start in which a list has it

type Answer = { id: string; other?: Analysis; error?: string };

/**
 * The trace to compare with: one asked for by its id, else the second trace among the
 * panel's queries.
 */
export function useComparison(series: DataFrame[], request: DataQueryRequest | undefined): Comparable {
  const second = useMemo(() => series.filter((f) => isTraceFrame(f) && f.length > 0)[1], [series]);
  const given = useMemo(() => (second ? analyse(readTrace(second)) : null), [second]);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const target = request?.targets?.[0];
  const open = useCallback(
    async (id: string) => {
      setAnswer({ id });
      const tell = (change: Omit<Answer, 'id'>) => setAnswer((now) => (now?.id === id ? { id, ...change } : now)); // a later question wins
      try {
        const frame = (await ask(request!, `compare-${id}`, { queryType: 'trace', query: id })).find((f) => isTraceFrame(f) && f.length > 0);
        tell(frame ? { other: analyse(readTrace(frame)) } : { error: `nothing was found for ${id} in the time range` });
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
    other: answer?.other ?? given,
    error: answer?.error,
    loading: answer !== null && !answer.other && !answer.error,
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
