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
  const [outside, setOutside] = useState(selectedOutside);
  if (outside !== selectedOutside) {
    // While drawing too: an update that each commit leaves behind adds up while keys come faster
    // than React gets to it, and it gives up after 50.
    setOutside(selectedOutside);
    act.select(selectedOutside);
  }

  const { tab, sources, colourBy, density, split, query, matchesOnly } = state;
  const told = useRef(choicesIn(state));
  useEffect(() => {
    if (differ(choices, told.current)) { // not what was said here: typing has gone on since
      act.choose(choices);
    }
  }, [act, choices]);
  useEffect(() => {
    const now = { tab, sources, colourBy, density, split, query, matchesOnly };
    if (!differ(now, told.current)) {
      return;
    }
    const tell = () => {
      told.current = now;
      onChoices?.(now);
    };
    if (differ({ ...now, query: '' }, { ...told.current, query: '' })) {
      return tell();
    }
    const timer = setTimeout(tell, TYPING); // an address for each letter is of no use
    return () => clearTimeout(timer);
  }, [tab, sources, colourBy, density, split, query, matchesOnly, onChoices]);
  return { state, act };
}

/** Milliseconds without a key press after which what is looked for is said outside. */
const TYPING = 300;

const choicesIn = ({ tab, sources, colourBy, density, split, query, matchesOnly }: Choices): Choices => ({ tab, sources, colourBy, density, split, query, matchesOnly });

const differ = (a: Choices, b: Choices): boolean => (Object.keys(a) as Array<keyof Choices>).some((key) => String(a[key]) !== String(b[key]));
