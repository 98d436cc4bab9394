import { useCallback, useDeferredValue, useEffect, useMemo, useRef } from 'react';
import type { Trace } from '../trace/model';
import { search, type Hits } from '../trace/search';

/** What a query finds, and the query it was searched for: a large trace lags behind the typing. */
interface Found {
  hits: Hits | null;
  searched: string;
}

interface Find {
  /** Place of the selected span among the hits, -1 where it is none. */
  at: number;
  /** To the next hit after the selected span, or the one before it. */
  go: (step: 1 | -1) => void;
}

/** What the query finds. Typing goes on while a large trace is searched. */
export function useFound(trace: Trace, query: string): Found {
  const searched = useDeferredValue(query);
  return useMemo(() => ({ hits: search(trace, searched), searched }), [trace, searched]);
}

/** The steps from one match to the next. */
export function useFind({ hits, searched }: Found, query: string, selected: number, select: (row: number, reveal: boolean) => void): Find {
  const at = useMemo(() => (hits && selected >= 0 && hits.mask[selected] === 1 ? hits.rows.indexOf(selected) : -1), [hits, selected]);
  const asked = useRef<0 | 1 | -1>(0);
  const go = useCallback(
    (step: 1 | -1) => {
      if (searched !== query) {
        asked.current = step; // not searched yet: gone to as soon as it is
        return;
      }
      const rows = hits?.rows ?? [];
      if (rows.length > 0) {
        select(rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : (at + step + rows.length) % rows.length], true);
      }
    },
    [hits, at, searched, query, select]
  );
  useEffect(() => {
    if (asked.current !== 0 && searched === query) {
      const step = asked.current;
      asked.current = 0;
      go(step);
    }
  }, [searched, query, go]);
  return { at, go };
}
