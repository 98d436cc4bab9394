// How filters are written as a line of text: `service=web-shop duration>5ms user.id="7" order`.
// The data source's search and the panel's Find read it by this alone.

/** How a key is compared with a value. */
export const OPERATORS = ['=', '!=', '=~', '!~', '>=', '>', '<=', '<'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A filter, or a word without one. */
export interface Term {
  /** '' for a word. */
  key: string;
  /** Undefined for a word. */
  operator?: Operator;
  value: string;
  /** The value was written in quotes. */
  quoted: boolean;
  /** How much of the text it is. */
  length: number;
}

// key, operator, and a value in quotes or up to the next space.
const FILTER = /^([^\s=!<>~"]*)(!=|=~|!~|>=|<=|=|>|<)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)/;
const WORD = /^(?:"((?:[^"\\]|\\.)*)"|([^\s=!<>~"]+))(?=\s|$)/;

/** A length of time is so common that its key need not be written: `>5ms`. */
const DURATION = 'duration';

/** The term that a text begins with; undefined where it begins with none. */
export function firstTerm(text: string): Term | undefined {
  const filter = FILTER.exec(text);
  if (filter) {
    const [{ length }, key, operator, inQuotes, bare] = filter;
    return { key: key || DURATION, operator: operator as Operator, value: bare ?? unquote(inQuotes), quoted: bare === undefined, length };
  }
  const word = WORD.exec(text);
  if (word) {
    const [{ length }, inQuotes, bare] = word;
    return { key: '', value: bare ?? unquote(inQuotes), quoted: bare === undefined, length };
  }
  return undefined;
}

const unquote = (text: string): string => text.replace(/\\(.)/g, '$1');

/** A value as it is written: in quotes where it must be. */
export const quote = (text: string): string => (/^[^\s"\\]+$/.test(text) ? text : `"${text.replace(/["\\]/g, (c) => '\\' + c)}"`);

/** A filter as it is written. */
export const writeFilter = (key: string, operator: string, value: string): string => `${key}${operator}${quote(value)}`;
