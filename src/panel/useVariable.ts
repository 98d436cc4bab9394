import { useCallback, useEffect, useState } from 'react';
import type { InterpolateFunction } from '@grafana/data';
import { locationService } from '@grafana/runtime';

/**
 * A dashboard variable, read from the URL, where a click in any panel and "back" change
 * it, else from the dashboard; written through the URL without a step in the history.
 */
export function useVariable(name: string, replaceVariables: InterpolateFunction): [string, (value: string) => void] {
  const [fromUrl, setFromUrl] = useState(() => readUrl(name));
  useEffect(() => {
    const subscription = locationService.getLocationObservable().subscribe(() => setFromUrl(readUrl(name)));
    return () => subscription.unsubscribe();
  }, [name]);
  const set = useCallback((value: string) => locationService.partial({ [`var-${name}`]: value }, true), [name]);
  const reference = `\${${name}}`;
  const replaced = replaceVariables(reference);
  return [fromUrl ?? (replaced === reference ? '' : replaced), set];
}

function readUrl(name: string): string | undefined {
  const value = locationService.getSearchObject()[`var-${name}`];
  return typeof value === 'string' ? value : Array.isArray(value) ? String(value[0] ?? '') : undefined;
}
