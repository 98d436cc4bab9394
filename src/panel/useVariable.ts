import { useCallback, useEffect, useRef, useState } from 'react';
import type { InterpolateFunction } from '@grafana/data';
import { locationService } from '@grafana/runtime';

/**
 * How long a value rests before it is written again, in ms. Keys that walk through a trace
 * would else write faster than browsers take it (some 200 times in 30 s), and the dashboard's
 * own answer to an older value would come behind a newer one.
 */
const REST = 250;

/** For how long the dashboard may repeat a value that was chosen here, behind newer ones, in ms. */
const ECHO = 3000;

/**
 * A dashboard variable, read from the URL, where a click in any panel and "back" change
 * it, else from the dashboard; written through the URL without a step in the history.
 */
export function useVariable(name: string, replaceVariables: InterpolateFunction): [string, (value: string) => void] {
  const [value, setValue] = useState(() => readUrl(name));
  const current = useRef(value);
  const chosen = useRef(new Map<string, number>()); // when each value was chosen here
  const written = useRef(-Infinity);
  const later = useRef<ReturnType<typeof setTimeout>>(undefined);

  const write = useCallback(() => {
    written.current = Date.now();
    locationService.partial({ [`var-${name}`]: current.current }, true);
  }, [name]);
  const writeLater = useCallback(() => {
    clearTimeout(later.current);
    later.current = setTimeout(write, REST);
  }, [write]);

  useEffect(() => {
    const subscription = locationService.getLocationObservable().subscribe(() => {
      const fromUrl = readUrl(name);
      if (fromUrl === current.current) {
        return;
      }
      if (Date.now() - (chosen.current.get(fromUrl ?? '') ?? -Infinity) < ECHO) {
        writeLater(); // the address is behind what was chosen here
        return;
      }
      clearTimeout(later.current);
      current.current = fromUrl;
      setValue(fromUrl);
    });
    return () => {
      subscription.unsubscribe();
      clearTimeout(later.current);
    };
  }, [name, writeLater]);

  const set = useCallback(
    (to: string) => {
      const now = Date.now();
      for (const [old, at] of chosen.current) {
        if (now - at > ECHO) {
          chosen.current.delete(old);
        }
      }
      chosen.current.set(current.current ?? '', now); // the address has it still
      chosen.current.set(to, now);
      current.current = to;
      setValue(to);
      if (now - written.current >= REST) {
        clearTimeout(later.current);
        write();
      } else {
        writeLater();
      }
    },
    [write, writeLater]
  );
  const reference = `\${${name}}`;
  const replaced = replaceVariables(reference);
  return [value ?? (replaced === reference ? '' : replaced), set];
}

function readUrl(name: string): string | undefined {
  const value = locationService.getSearchObject()[`var-${name}`];
  return typeof value === 'string' ? value : Array.isArray(value) ? String(value[0] ?? '') : undefined;
}
