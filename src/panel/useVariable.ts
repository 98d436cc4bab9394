import { useCallback, useEffect, useRef, useState } from 'react';
import type { InterpolateFunction } from '@grafana/data';
import { locationService } from '@grafana/runtime';

/**
 * How long a value rests before it is written again, in ms. Keys that walk through a trace
 * would else write faster than browsers take it (some 200 times in 30 s), and the dashboard's
 * own answer to an older value would come behind a newer one.
 */
const REST = 250;

/**
 * A dashboard variable, read from the URL, where a click in any panel and "back" change
 * it, else from the dashboard; written through the URL without a step in the history.
 */
export function useVariable(name: string, replaceVariables: InterpolateFunction): [string, (value: string) => void] {
  const [value, setValue] = useState(() => readUrl(name));
  const written = useRef(-Infinity);
  const later = useRef<{ timer: ReturnType<typeof setTimeout>; before: string | undefined } | null>(null);
  const forget = useCallback(() => {
    clearTimeout(later.current?.timer);
    later.current = null;
  }, []);
  useEffect(() => {
    const subscription = locationService.getLocationObservable().subscribe(() => {
      const fromUrl = readUrl(name);
      if (later.current && fromUrl === later.current.before) {
        return; // the address is behind what was chosen here
      }
      forget();
      setValue(fromUrl);
    });
    return () => {
      subscription.unsubscribe();
      forget();
    };
  }, [name, forget]);
  const set = useCallback(
    (chosen: string) => {
      forget();
      setValue(chosen);
      const write = () => {
        later.current = null;
        written.current = Date.now();
        locationService.partial({ [`var-${name}`]: chosen }, true);
      };
      if (Date.now() - written.current >= REST) {
        write();
      } else {
        later.current = { timer: setTimeout(write, REST), before: readUrl(name) };
      }
    },
    [name, forget]
  );
  const reference = `\${${name}}`;
  const replaced = replaceVariables(reference);
  return [value ?? (replaced === reference ? '' : replaced), set];
}

function readUrl(name: string): string | undefined {
  const value = locationService.getSearchObject()[`var-${name}`];
  return typeof value === 'string' ? value : Array.isArray(value) ? String(value[0] ?? '') : undefined;
}
