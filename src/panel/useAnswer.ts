import { useEffect, useRef, useState } from 'react';

/** A question; it is another one where it is another function. */
export type Ask<T> = () => Promise<T>;

export interface Answered<T> {
  /** The newest answer, of an older question perhaps; undefined while there is none. */
  value?: T;
  /** What went wrong with the newest question. */
  error?: unknown;
  /** The newest question is not answered yet. */
  busy: boolean;
}

interface Line<T> {
  busy: boolean;
  newest: Ask<T> | null;
}

/**
 * The answer to the newest question. While one is being answered the newest of those that
 * follow waits, the others are dropped, and so are answers that nobody asks for any more.
 */
export function useAnswer<T>(ask: Ask<T> | null): Answered<T> {
  const [answer, setAnswer] = useState<{ ask: Ask<T>; value?: T; error?: unknown } | null>(null);
  const line = useRef<Line<T>>({ busy: false, newest: null });
  useEffect(
    () => () => {
      line.current = { busy: false, newest: null }; // what was asked is not waited for any more
    },
    []
  );
  useEffect(() => {
    const at = line.current;
    at.newest = ask;
    const next = () => {
      const asked = at.newest;
      if (!asked || at.busy) {
        return;
      }
      at.busy = true;
      asked()
        .then(
          (value) => at.newest === asked && setAnswer({ ask: asked, value }),
          (error: unknown) => at.newest === asked && setAnswer({ ask: asked, error })
        )
        .finally(() => {
          at.busy = false;
          if (at.newest !== asked) {
            next();
          }
        });
    };
    next();
    return () => {
      at.newest = null;
    };
  }, [ask]);
  if (!ask) {
    return { busy: false };
  }
  return { value: answer?.value, error: answer?.ask === ask ? answer.error : undefined, busy: answer?.ask !== ask };
}
