import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import type { Analysis } from '../trace/analysis';
import { search, type Hits } from '../trace/find/search';
import { useAnswers } from './find/useAnswers';

/** What a query finds, and the query it was searched for: a large trace lags behind the typing. */
export interface Found {
  hits: Hits | null;
  searched: string;
  /** The data source has still to say what matches. */
  waiting: boolean;
  /** Until then these are the matches of the query before. */
  held: boolean;
  /** What went wrong, or was left out, in words; '' for nothing. */
  problem: string;
}

/** What the query finds. Typing goes on while a large trace is searched, or the data source. */
export function useFound({ trace, slow }: Pick<Analysis, 'trace' | 'slow'>, query: string): Found {
  const searched = useDeferredValue(query);
  const { answers, waiting, needed, problem } = useAnswers(trace, searched);
  const hits = useMemo(() => search(trace, searched, { answers, slow }), [trace, searched, answers, slow]);
  const [last, keep] = useState({ of: trace.text, hits });
  if (!needed && last.hits !== hits) {
    keep({ of: trace.text, hits });
  }
  const held = needed && last.of === trace.text;
  return { hits: held ? last.hits : hits, searched, waiting, held, problem };
}

export interface Find {
  /** Place of the selected span among the hits, -1 where it is none. */
  at: number;
  /** To the next hit after the selected span, or the one before it. */
  go: (step: 1 | -1) => void;
}

/** The steps from one match to the next. */
export function useFind({ hits, searched, waiting, held }: Found, query: string, selected: number, select: (row: number, reveal: boolean) => void): Find {
  const at = useMemo(() => (hits && selected >= 0 && hits.mask[selected] === 1 ? hits.rows.indexOf(selected) : -1), [hits, selected]);
  const asked = useRef<0 | 1 | -1>(0);
  const known = searched === query && !held && !(waiting && hits?.rows.length === 0);
  const go = useCallback(
    (step: 1 | -1) => {
      if (!known) {
        asked.current = step; // not searched yet: gone to as soon as it is
        return;
      }
      const rows = hits?.rows ?? [];
      if (rows.length > 0) {
        select(rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : (at + step + rows.length) % rows.length], true);
      }
    },
    [hits, at, known, select]
  );
  useEffect(() => {
    if (asked.current !== 0 && known) {
      const step = asked.current;
      asked.current = 0;
      go(step);
    }
  }, [known, go]);
  return { at, go };
}
