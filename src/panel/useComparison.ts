import { useCallback, useMemo, useState } from 'react';
import { from as observe, lastValueFrom } from 'rxjs';
import { LoadingState, type DataFrame, type DataQueryRequest } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { analyse, type Analysis } from '../trace/analysis';
import { isTraceFrame, readTrace } from '../trace/frame';
import type { Comparable } from './CompareView';

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
        const source = await getDataSourceSrv().get(target?.datasource ?? null);
        const asked = { ...request!, requestId: `compare-${id}`, targets: [{ ...target!, queryType: 'trace', query: id }] };
        const response = await lastValueFrom(observe(source.query(asked as DataQueryRequest)));
        const frame = response.data.find((f: DataFrame) => isTraceFrame(f) && f.length > 0);
        const failure = response.errors?.[0] ?? response.error;
        if (failure || response.state === LoadingState.Error) {
          tell({ error: failure?.message ?? 'the trace could not be read' });
        } else if (!frame) {
          tell({ error: `nothing was found for ${id} in the time range` });
        } else {
          tell({ other: analyse(readTrace(frame)) });
        }
      } catch (e) {
        tell({ error: e instanceof Error ? e.message : String((e as { statusText?: string })?.statusText ?? e) });
      }
    },
    [request, target]
  );
  return { other: answer?.other ?? given, error: answer?.error, loading: answer !== null && !answer.other && !answer.error, open: target ? open : undefined };
}
