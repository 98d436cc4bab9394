// What can be written at a place in the Find field: keys, then operators, then values.
import { OPERATORS, quote } from '../terms';
import type { Trace } from '../model';
import { ALSO_STORED, FIELDS, STORED } from './fields';
import { MARKS } from './words';

/** Where in the text somebody writes, and what belongs there. */
export interface Place {
  of: 'key' | 'operator' | 'value';
  /** The part of the text that is replaced. */
  from: number;
  to: number;
  /** What stands there already, without quotes. */
  typed: string;
  /** The key before it. */
  key: string;
}

/** One thing to choose. */
export interface Offer {
  text: string;
  /** What it means, where it is found, or how many have it. */
  note: string;
  /** What is written when it is chosen. */
  insert: string;
}

/** A key or a value that spans have, as the data source knows it. */
export interface KnownWord {
  text: string;
  group?: string;
  count: number;
}

/** How many are offered: more is no choice. */
export const MOST_OFFERS = 50;

const VALUE = /^([^\s=!<>~"]+)(!=|=~|!~|>=|<=|=|>|<)("?)((?:[^"\\]|\\.)*)$/;
const OPERATOR = /^([^\s=!<>~"]+)([!~]?)$/;

/** What is written at the caret; null in the middle of what nobody can complete. */
export function placeAt(text: string, caret: number, isKey: (key: string) => boolean): Place | null {
  const { from, to } = wordAround(text, caret);
  const typed = text.slice(from, caret);
  const value = VALUE.exec(typed);
  if (value) {
    const [, key, operator, , written] = value;
    return { of: 'value', from: from + key.length + operator.length, to, typed: written.replace(/\\(.)/g, '$1'), key };
  }
  const operator = OPERATOR.exec(typed);
  if (operator && caret === to && isKey(operator[1])) {
    return { of: 'operator', from: from + operator[1].length, to, typed: operator[2], key: operator[1] };
  }
  return /^[^\s=!<>~"]*$/.test(typed) ? { of: 'key', from, to, typed, key: '' } : null;
}

// Blanks within quotes part no words.
function wordAround(text: string, caret: number): { from: number; to: number } {
  let [from, quoted] = [0, false];
  for (let i = 0; i < text.length; i++) {
    if (quoted && text[i] === '\\') {
      i++;
    } else if (text[i] === '"') {
      quoted = !quoted;
    } else if (!quoted && /\s/.test(text[i])) {
      if (i >= caret) {
        return { from, to: i };
      }
      from = i + 1;
    }
  }
  return { from, to: text.length };
}

/** The text with the offer in its place, and where the caret is then. */
export function accept(text: string, { from, to }: Place, { insert }: Offer): { text: string; caret: number } {
  const rest = text.slice(to);
  return { text: text.slice(0, from) + insert + (insert.endsWith(' ') ? rest.trimStart() : rest), caret: from + insert.length };
}

const KEY_NOTES: Readonly<Record<string, string>> = {
  service: 'whose span it is',
  duration: 'as 5ms, 1.5s',
  code: 'status code of the protocol',
  status: 'ok, error, unset',
  peer: 'who was called',
  rule: 'why this parent',
  message: 'why it failed',
  request: 'as sent, or as route',
  event: 'name of an event',
  status_message: 'why it failed, as it says',
  scope_name: 'instrumentation library',
};

const GROUP_NOTES: Readonly<Record<string, string>> = { attributes: 'attribute', resource: 'of the resource', events: 'of events' };

/** Keys of this trace: those of its frame, those of every stored span, those of its attributes. */
export function keysOf(t: Trace, known: readonly KnownWord[] | null): Offer[] {
  const key = (text: string, note: string): Offer => ({ text, note, insert: text });
  const inFrame = [...FIELDS].filter(([, texts]) => texts.some((text) => hasAny(t, text))).map(([name]) => name);
  const stored = known ? STORED : [...ALSO_STORED.keys()].slice(0, 1);
  const own = [...inFrame, ...stored].map((name) => key(name, KEY_NOTES[name] ?? ''));
  const named = new Set(own.map(({ text }) => text));
  return [
    ...Object.entries(MARKS).map(([text, note]) => ({ text, note, insert: `${text} ` })),
    ...own,
    ...(known ?? []).filter(({ text }) => !named.has(text)).map(({ text, group = '' }) => key(text, GROUP_NOTES[group] ?? '')),
  ];
}

function hasAny(t: Trace, text: (t: Trace, i: number) => string): boolean {
  for (let i = 0; i < t.length; i++) {
    if (text(t, i) !== '') {
      return true;
    }
  }
  return false;
}

/** The values that the frame has of a key, the most frequent first; null where it has none. */
export function valuesInFrame(t: Trace, key: string): KnownWord[] | null {
  const texts = key === 'duration' ? undefined : FIELDS.get(key);
  if (!texts) {
    return null;
  }
  const counts = new Map<string, number>();
  for (let i = 0; i < t.length; i++) {
    const first = texts[0](t, i);
    texts.forEach((of, k) => {
      const text = k === 0 ? first : of(t, i);
      if (text !== '' && (k === 0 || text !== first)) {
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    });
  }
  return [...counts].map(([text, count]) => ({ text, count })).sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
}

const OPERATOR_NOTES: Readonly<Record<(typeof OPERATORS)[number], string>> = {
  '=': 'is; * stands for any text, a|b for either',
  '!=': 'is not, or is not there',
  '=~': 'matches a regular expression, as a whole',
  '!~': 'matches none',
  '>=': 'at least',
  '>': 'more than',
  '<=': 'at most',
  '<': 'less than',
};

/** Offers that go with what is typed: what begins with it before what contains it. */
export function offersFor(place: Place, keys: readonly Offer[], values: readonly KnownWord[]): Offer[] {
  switch (place.of) {
    case 'operator':
      return OPERATORS.filter((operator) => operator.startsWith(place.typed)).map((operator) => ({ text: operator, note: OPERATOR_NOTES[operator], insert: operator }));
    case 'key':
      return like(keys, place.typed);
    case 'value':
      return like(
        values.map(({ text, count }) => ({ text, note: String(count), insert: `${quote(text)} ` })),
        place.typed
      );
  }
}

function like(offers: readonly Offer[], typed: string): Offer[] {
  const wanted = typed.toLowerCase();
  const [first, then]: [Offer[], Offer[]] = [[], []];
  for (const offer of offers) {
    const at = offer.text.toLowerCase().indexOf(wanted);
    if (at >= 0) {
      (at === 0 ? first : then).push(offer);
    }
  }
  return [...first, ...then].slice(0, MOST_OFFERS);
}
