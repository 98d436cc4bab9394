// What stands in the Find field, word by word. All words must hold of a span.
import { firstTerm, type Operator } from '../terms';

/** Words with a meaning of their own; in quotes they are plain text. */
export const MARKS = {
  error: 'spans that failed',
  slow: 'spans that hold most of the time, or took twice the usual',
  inferred: 'spans whose parent is inferred',
  orphan: 'spans whose parent is missing',
  'a:': 'spans of code',
  's:': 'system calls',
  'n:': 'packets',
} as const;
export type Mark = keyof typeof MARKS;

export type Word =
  /** A word with a meaning of its own. */
  | { kind: 'mark'; mark: Mark }
  /** A filter, as in a search. */
  | { kind: 'filter'; key: string; operator: Operator; value: string }
  /** A text that stands anywhere in what is known of a span. */
  | { kind: 'text'; text: string };

/** A key and an operator whose value is still to come, or a part of an operator: it asks nothing yet. */
const BEGUN = /^[^\s=!<>~"]+(?:[=!]~?|[!<>]=?)$/;

/** Reads a text; what is no filter is looked for as it stands. */
export function readWords(query: string): Word[] {
  const words: Word[] = [];
  let rest = query.trim();
  while (rest) {
    const [chunk] = rest.split(/\s/, 1);
    const term = BEGUN.test(chunk) ? undefined : firstTerm(rest);
    if (term) {
      words.push(wordOf(term.key, term.operator, term.value, term.quoted));
      rest = rest.slice(term.length).trimStart();
    } else if (BEGUN.test(chunk)) {
      rest = rest.slice(chunk.length).trimStart();
    } else if (rest.startsWith('"')) {
      words.push({ kind: 'text', text: rest.slice(1) }); // its end is still to come
      rest = '';
    } else {
      words.push({ kind: 'text', text: chunk });
      rest = rest.slice(chunk.length).trimStart();
    }
  }
  return words.filter((word) => word.kind !== 'text' || word.text.trim() !== '');
}

const isMark = (text: string): text is Mark => Object.hasOwn(MARKS, text);

function wordOf(key: string, operator: Operator | undefined, value: string, quoted: boolean): Word {
  const mark = value.toLowerCase();
  if (operator) {
    return { kind: 'filter', key, operator, value };
  }
  return !quoted && isMark(mark) ? { kind: 'mark', mark } : { kind: 'text', text: value };
}

/** Whether a query asks for what is marked. */
export const asksFor = (query: string, mark: Mark): boolean => readWords(query).some((word) => word.kind === 'mark' && word.mark === mark);

/** The query with a mark, or without it. */
export function toggleMark(query: string, mark: Mark): string {
  if (!asksFor(query, mark)) {
    return query.trim() === '' ? mark : `${query.trimEnd()} ${mark}`;
  }
  const kept: string[] = [];
  for (let rest = query.trim(); rest; ) {
    const length = firstTerm(rest)?.length ?? /^\S+/.exec(rest)![0].length;
    const word = rest.slice(0, length);
    if (word.toLowerCase() !== mark) {
      kept.push(word);
    }
    rest = rest.slice(length).trimStart();
  }
  return kept.join(' ');
}

/** What the frame calls otherwise than the store. */
const STORED_AS: Readonly<Record<string, string>> = { message: 'status_message' };

/** The filter that a data source is asked for, in its own words. */
export function filterOf(word: Exclude<Word, { kind: 'mark' }>): string {
  if (word.kind === 'filter') {
    return `${STORED_AS[word.key] ?? word.key}${word.operator}${word.value}`;
  }
  // A bar would make it a list of choices.
  const text = word.text.includes('|') ? word.text.replace(/[\\|]/g, '\\$&') : word.text;
  return `any_value=*${text}*`;
}

