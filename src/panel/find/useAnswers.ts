import { useContext, useEffect, useMemo, useState } from 'react';
import { spans } from '../../language/counts';
import { t } from '../../language/t';
import type { Answers } from '../../trace/find/search';
import { questionsOf } from '../../trace/find/search';
import type { Trace } from '../../trace/model';
import { BackendContext, reasonOf, type Finder } from '../backend';

/** Milliseconds without a key press after which the data source is asked. */
const PAUSE = 200;

/** Words of a query that are asked for; each is a read of the whole trace. */
const MOST_ASKED = 8;

/** Answers that are kept: those to words that were typed lately. */
const MOST_KEPT = 40;

/** What the data source said of a filter. */
interface Answer {
  /** Of which reading of the trace. */
  of: Trace['text'];
  spans: readonly string[];
  limited: boolean;
  problem: string;
}

export interface Asked {
  answers: Answers;
  /** Something is still to come. */
  waiting: boolean;
  /** Without what is to come nothing can be said. */
  needed: boolean;
  /** What went wrong, or was left out, in words; '' for nothing. */
  problem: string;
}

/**
 * What the data source says of a query's words. It is asked once the typing pauses, and no more
 * for what is not wanted any more; the answers to words that stay are kept.
 */
export function useAnswers(trace: Trace, query: string): Asked {
  const finder = useContext(BackendContext)?.finder;
  const { text } = trace;
  const [known, setKnown] = useState<ReadonlyMap<string, Answer>>(new Map());
  const all = useMemo(() => questionsOf(query), [query]);
  const questions = useMemo(() => (finder ? all.slice(0, MOST_ASKED) : []), [all, finder]);
  const open = useMemo(() => questions.filter(({ filter }) => known.get(filter)?.of !== text), [questions, known, text]);

  useEffect(() => {
    if (open.length === 0 || !finder) {
      return;
    }
    const stop = new AbortController();
    const ask = async () => {
      const said = await Promise.all(open.map(async ({ filter }) => [filter, await answerTo(finder, text, filter, stop.signal)] as const));
      if (!stop.signal.aborted) {
        setKnown((before) => new Map([...before, ...said].slice(-MOST_KEPT)));
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [open, finder, text]);

  const asking = questions.length > 0;
  const rows = useMemo(() => (asking ? rowsById(text.id) : undefined), [asking, text]);
  const answers = useMemo(() => new Map(questions.flatMap(({ filter }) => (rows && known.has(filter) ? [[filter, maskOf(rows, known.get(filter)!.spans)]] : []))), [questions, known, rows]);
  return {
    answers,
    waiting: open.length > 0,
    needed: open.some(({ filter, needed }) => needed && !known.has(filter)),
    problem: problemOf(all, questions, known),
  };
}

async function answerTo(finder: Finder, text: Trace['text'], filter: string, signal: AbortSignal): Promise<Answer> {
  try {
    const { spans, limited } = await finder.spans(text.id[0], filter, signal);
    return { of: text, spans, limited, problem: '' };
  } catch (error) {
    return { of: text, spans: [], limited: false, problem: reasonOf(error) };
  }
}

function rowsById(ids: ArrayLike<string>): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (let i = 0; i < ids.length; i++) {
    rows.set(ids[i], i);
  }
  return rows;
}

/** 1 for each row that was named. Spans that came after the trace was read have none. */
function maskOf(rows: ReadonlyMap<string, number>, spans: readonly string[]): Uint8Array {
  const mask = new Uint8Array(rows.size);
  for (const id of spans) {
    const row = rows.get(id);
    if (row !== undefined) {
      mask[row] = 1;
    }
  }
  return mask;
}

function problemOf(all: ReturnType<typeof questionsOf>, questions: ReturnType<typeof questionsOf>, known: ReadonlyMap<string, Answer>): string {
  const said = questions.map(({ filter }) => known.get(filter));
  const failed = said.find((answer) => answer?.problem);
  if (failed) {
    return failed.problem;
  }
  const limited = said.find((answer) => answer?.limited);
  if (limited) {
    return t('find.limited', 'The first {{spans}} that match: there are more', { spans: spans(limited.spans.length) });
  }
  if (questions.length === 0) {
    return all.some(({ needed }) => needed) ? t('find.no-store', 'This trace is in no store to ask: only what is shown of its spans can be found') : '';
  }
  return all.length > questions.length ? t('find.many-words', 'The first {{n}} words are looked for in attributes, the others in what is shown', { n: MOST_ASKED }) : '';
}
