// How a filter compares texts and numbers: as the store does, but upper and lower case are
// always the same.
import type { Operator } from '../terms';

const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };
const LENGTH = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|min|m|h)?$/;

/** A length of time in nanoseconds, of milliseconds where no unit is said; NaN for none. */
function readLength(text: string): number {
  const [, number, unit] = LENGTH.exec(text.trim()) ?? [];
  return number === undefined ? NaN : Number(number) * UNITS[unit ?? 'ms'];
}

/** Regular expressions are the store's: here a hostile one would stop the page. */
export const isExpression = (operator: Operator): boolean => operator === '=~' || operator === '!~';

type Compare = (text: string) => boolean;

const COMPARES: Partial<Record<Operator, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

/** What a filter asks of a text, without its negation. */
export function comparison(key: string, operator: Operator, value: string): Compare {
  const compare = COMPARES[operator];
  const number = key === 'duration' ? readLength(value) : Number(value);
  if (compare) {
    return (text) => text !== '' && compare(Number(text), number);
  }
  if (key === 'duration') {
    return (text) => Number(text) === number;
  }
  const patterns = [value, ...choices(value)].map((one) => one.toLowerCase().split('*'));
  return (text) => patterns.some((parts) => isLike(text.toLowerCase(), parts));
}

/** Texts that a value lists: `a|b`, `{a,b}`, `(a|b)`. */
function choices(value: string): string[] {
  const [, inBraces] = /^\{(.*,.*)\}$/.exec(value) ?? [];
  const [, inBrackets] = /^\((.*\|.*)\)$/.exec(value) ?? [];
  const list = inBraces !== undefined ? inBraces.split(',') : (inBrackets ?? value).split('|');
  return list.length > 1 ? list.map((one) => one.trim()).filter(Boolean) : [];
}

/** Whether a text has these parts in this order, from its beginning to its end. */
function isLike(text: string, parts: readonly string[]): boolean {
  const [first, ...rest] = parts;
  if (rest.length === 0) {
    return text === first;
  }
  const last = rest.pop()!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) {
    return false;
  }
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) {
      return false;
    }
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
