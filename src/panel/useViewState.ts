import { useEffect, useMemo, useRef, useState } from 'react';
import type { Analysis } from '../trace/analysis';
import { bindActions, type Actions } from './state/actions';
import { carry } from './state/carry';
import { DEFAULT_CHOICES, type Choices } from './state/choices';
import { initialView, type ViewState } from './state/view';

export interface ChoicesFromOutside {
  /** What the options and the address say; the same object while they say the same. */
  choices?: Choices;
  /** Told when the user chose otherwise. */
  onChoices?: (choices: Choices) => void;
}

/**
 * The state of the view, and how to change it. It outlives every new reading of the trace, and
 * follows what is chosen outside: the selected row, the tab, what is drawn.
 */
export function useViewState(analysis: Analysis, selectedOutside: number, { choices = DEFAULT_CHOICES, onChoices }: ChoicesFromOutside): { state: ViewState; act: Actions } {
  const [state, update] = useState(() => initialView(choices, selectedOutside));
  const act = useMemo(() => bindActions(update), []);
  const [reading, setReading] = useState(analysis);
  if (reading !== analysis) {
    // While drawing, so that no view sees rows of the one reading beside spans of the other.
    setReading(analysis);
    update((s) => carry(s, reading, analysis));
  }
  useEffect(() => act.select(selectedOutside), [act, selectedOutside]);
  useEffect(() => act.choose(choices), [act, choices]);

  const { tab, sources, colourBy, density, split } = state;
  const told = useRef({ tab, sources, colourBy, density, split });
  useEffect(() => {
    const now = { tab, sources, colourBy, density, split };
    const changed = (Object.keys(now) as Array<keyof Choices>).some((key) => now[key] !== told.current[key]);
    if (changed) {
      told.current = now;
      onChoices?.(now);
    }
  }, [tab, sources, colourBy, density, split, onChoices]);
  return { state, act };
}
