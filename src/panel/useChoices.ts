import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { locationService } from '@grafana/runtime';
import { choicesOf, type PanelOptions } from './options';
import { readChoices, writeChoices } from './state/address';
import type { Choices } from './state/choices';

/**
 * How a trace is looked at: by the panel's options, and over them by the address, where each
 * panel has a parameter of its own, `tl-` and its id. A link that says nothing of it, as one to
 * another trace, changes nothing.
 */
export function useChoices(panel: number, options: PanelOptions): [Choices, (chosen: Choices) => void] {
  const name = `tl-${panel}`;
  const { view, layers, colourBy, density, split } = options;
  const byOptions = useMemo(() => choicesOf({ view, layers, colourBy, density, split }), [view, layers, colourBy, density, split]);
  const [text, setText] = useState(() => readAddress(name) ?? '');
  const current = useRef(text);
  const choices = useMemo(() => readChoices(text, byOptions), [text, byOptions]);

  const write = useCallback((to: string) => locationService.partial({ [name]: to || null }, true), [name]);
  useEffect(() => {
    const subscription = locationService.getLocationObservable().subscribe(() => {
      const said = readAddress(name);
      if (said === undefined) {
        if (current.current !== '') {
          write(current.current);
        }
      } else if (said !== current.current) {
        current.current = said;
        setText(said);
      }
    });
    return () => subscription.unsubscribe();
  }, [name, write]);

  const choose = useCallback(
    (chosen: Choices) => {
      const to = writeChoices(chosen, byOptions);
      if (to !== current.current) {
        current.current = to;
        setText(to);
        write(to);
      }
    },
    [byOptions, write]
  );
  return [choices, choose];
}

function readAddress(name: string): string | undefined {
  const value = locationService.getSearchObject()[name];
  return value === undefined || value === null || value === '' ? undefined : String(Array.isArray(value) ? value[0] : value);
}
