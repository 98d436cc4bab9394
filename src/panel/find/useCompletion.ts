import { useContext, useEffect, useMemo, useState } from 'react';
import { t } from '../../language/t';
import { keysOf, offersFor, placeAt, valuesInFrame, type Offer, type Place } from '../../trace/find/completion';
import type { Trace } from '../../trace/model';
import { BackendContext, reasonOf, type KnownWords } from '../backend';

export interface Completion {
  place: Place | null;
  offers: Offer[];
  /** The data source has still to say what there is. */
  waiting: boolean;
  /** What is not offered, and why, in words; '' for nothing. */
  leftOut: string;
}

/** Milliseconds without a key press after which more values are asked for. */
const PAUSE = 150;

/** What can be written at the caret. Nobody is asked before it is open. */
export function useCompletion(trace: Trace, text: string, caret: number, open: boolean): Completion {
  const finder = useContext(BackendContext)?.finder;
  const id = trace.text.id[0];
  const known = useWords(open && finder ? `keys ${id}` : '', (signal) => finder!.keys(id, signal));
  const keys = useMemo(() => (open ? keysOf(trace, finder ? (known.answer?.words ?? []) : null) : []), [open, trace, finder, known.answer]);
  const place = useMemo(() => {
    const names = new Set(keys.map((key) => key.text));
    return open ? placeAt(text, caret, (key) => names.has(key)) : null;
  }, [open, text, caret, keys]);

  const key = place?.of === 'value' ? place.key : '';
  const inFrame = useMemo(() => (key ? valuesInFrame(trace, key) : null), [trace, key]);
  const asks = key !== '' && key !== 'duration' && !inFrame && finder ? key : '';
  const all = useWords(asks && `values ${id} ${asks}`, (signal) => finder!.values(id, asks, '', signal));
  const typed = place?.typed ?? '';
  const more = useWords(asks && all.answer?.limited && typed ? `values ${id} ${asks} ${typed}` : '', (signal) => finder!.values(id, asks, typed, signal));
  const values = (more.answer ?? all.answer)?.words;

  const offers = useMemo(() => (place ? offersFor(place, keys, inFrame ?? values ?? []) : []), [place, keys, inFrame, values]);
  const asked = place?.of === 'value' ? (more.answer ? more : all) : known;
  return {
    place,
    offers,
    waiting: asked.waiting,
    leftOut: asked.failed ? t('details.unread', 'Attributes could not be read: {{why}}', { why: asked.failed }) : asked.answer?.limited ? t('find.more', 'There are more than are offered') : '',
  };
}

interface Heard {
  question: string;
  answer?: KnownWords;
  failed?: string;
}

// Asks once for each question, '' for none; what was heard of another one is not shown.
function useWords(question: string, ask: (signal: AbortSignal) => Promise<KnownWords>): { answer?: KnownWords; failed?: string; waiting: boolean } {
  const [heard, hear] = useState<Heard>({ question: '' });
  useEffect(() => {
    if (question === '') {
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask(stop.signal).then(
        (answer) => !stop.signal.aborted && hear({ question, answer }),
        (error) => !stop.signal.aborted && hear({ question, failed: reasonOf(error) })
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [question]); // eslint-disable-line react-hooks/exhaustive-deps -- the question says what is asked
  return heard.question === question ? { ...heard, waiting: false } : { waiting: question !== '' };
}
