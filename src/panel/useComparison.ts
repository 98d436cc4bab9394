import { useCallback, useMemo, useState } from 'react';
import { dateTime, type DataFrame, type DataQueryRequest, type TimeRange } from '@grafana/data';
import { t } from '../language/t';
import { isTraceFrame } from '../trace/frame';
import type { TraceClient } from '../trace/worker/client';
import { askSource, requestTo, unasked } from './askSource';
import type { Comparable } from './comparable';
import { candidatesOf, kindOf, searchAround, searchFor, type Subject } from './recentTraces';
import { useAnalysis } from './useAnalysis';

const AROUND = 2000; // milliseconds around the trace's start in which a list has it

type Answer = { id: string; frame?: DataFrame; error?: string };

/** Whom to ask for other traces, and about when. */
interface Asked {
  /** The data source's uid; undefined where nobody can be asked. */
  uid: string | undefined;
  /** What the panel was asked; Explore tells it nothing of that. */
  request?: DataQueryRequest;
  range?: TimeRange;
}

/**
 * The trace to compare with: one asked for by its id, else the second trace among the
 * panel's queries.
 */
export function useComparison(client: TraceClient, series: DataFrame[], { uid, request, range }: Asked): Comparable {
  const second = useMemo(() => series.filter((f) => isTraceFrame(f) && f.length > 0)[1], [series]);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const frame = answer?.frame ?? second;
  const other = useAnalysis(client, frame);
  const base = useMemo(() => request ?? unasked(range), [request, range]);
  const open = useCallback(
    async (id: string) => {
      setAnswer({ id });
      const tell = (change: Omit<Answer, 'id'>) => setAnswer((now) => (now?.id === id ? { id, ...change } : now)); // a later question wins
      try {
        const found = (await ask(uid!, base, `compare-${id}`, { queryType: 'trace', query: id })).find((f) => isTraceFrame(f) && f.length > 0);
        tell(found ? { frame: found } : { error: t('compare.nothing-for', 'nothing was found for {{id}} in the time range', { id }) });
      } catch (e) {
        tell({ error: messageOf(e) });
      }
    },
    [uid, base]
  );
  const recent = useCallback(
    async (subject: Subject) => {
      try {
        const [from, to] = [subject.start - AROUND, subject.start + AROUND].map((t) => dateTime(t));
        const around = { ...base, range: { from, to, raw: { from, to } } };
        const kind = kindOf((await ask(uid!, around, 'compare-kind', searchAround))[0], subject);
        return candidatesOf((await ask(uid!, base, 'compare-recent', searchFor(kind)))[0], kind);
      } catch (e) {
        throw new Error(messageOf(e));
      }
    },
    [uid, base]
  );
  return {
    other,
    error: answer?.error,
    loading: (answer !== null && !answer.frame && !answer.error) || (frame !== undefined && !other),
    ...(uid ? { open, recent } : {}),
  };
}

/** Asks the data source of the panel something else. */
const ask = (uid: string, request: DataQueryRequest, requestId: string, query: Record<string, unknown>) => askSource(uid, requestTo(uid, request, requestId, query));

const messageOf = (e: unknown): string => (e instanceof Error ? e.message : String((e as { statusText?: string })?.statusText ?? e));
