// A data frame's columns by name, as text where they are text.
import { TEXT_COLUMNS } from './model';
import type { TextColumn } from './model';

/** The part of @grafana/data's DataFrame that is read, so that tests need no Grafana. */
export interface FrameLike {
  length?: number;
  fields: Array<{ name: string; values: ArrayLike<unknown>; config?: { type?: { enum?: { text?: string[] } } } }>;
  meta?: { custom?: Record<string, unknown> };
}

/** Columns by name, each made when it is asked for. */
export type Columns = ReadonlyMap<string, () => ArrayLike<unknown>>;

/** Columns that are made of one number for all of them: a row of each. */
export interface Shared {
  field?: string;
  columns?: Record<string, unknown>;
}

export const sharedOf = (frame: FrameLike): Shared => (frame.meta?.custom?.shared ?? {}) as Shared;

export const rowsOf = (frame: FrameLike): number => frame.length ?? Math.max(0, ...frame.fields.map((f) => f.values.length));

// A column of words comes as an enumeration, a number for each row; columns that go together
// come as one number for all of them.
export function columnsOf(frame: FrameLike): Columns {
  const columns = new Map<string, () => ArrayLike<unknown>>();
  for (const { name, values, config } of frame.fields) {
    const words = config?.type?.enum?.text;
    columns.set(name, words ? () => pick(values, words) : () => values);
  }
  const { field, columns: together } = sharedOf(frame);
  const rows = typeof field === 'string' ? columns.get(field)?.() : undefined;
  if (rows && together) {
    for (const [name, words] of Object.entries(together)) {
      if (Array.isArray(words)) {
        columns.set(name, () => pick(rows, words));
      }
    }
  }
  return columns;
}

/** A column of so many rows, an empty one where it is missing or of another length. */
export function columnOf(columns: Columns, name: string, n: number): ArrayLike<unknown> {
  const values = columns.get(name)?.();
  return values && values.length === n ? values : [];
}

const pick = (numbers: ArrayLike<unknown>, words: readonly unknown[]): unknown[] => {
  const out = new Array<unknown>(numbers.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = words[numbers[i] as number] ?? '';
  }
  return out;
};

/** The text of a trace; `owner` tells whose a span's time is where the frame does not. */
export function textsOf(columns: Columns, n: number, owner: () => ArrayLike<string>): Record<TextColumn, ArrayLike<string>> {
  const empty = new Array<string>(n).fill('');
  return lazily(TEXT_COLUMNS, (name) => {
    const values = columnOf(columns, name, n);
    if (name === 'owner' && values.length === 0) {
      return owner();
    }
    return strings(name === 'reason' ? reasons(values, columnOf(columns, 'reasonValue', n)) : values, n, empty);
  });
}

const KNOWN: ReadonlySet<string> = new Set([...TEXT_COLUMNS, 'parentIdx', 'depth', 'source', 'point', 'service', 'offset', 'duration', 'response', 'code', 'error', 'confidence', 'missing', 'gap', 'events', 'reasonValue', 'seenAt']);

/** Text columns that are not ours: attributes someone asked for. */
export function extrasOf(columns: Columns, n: number): Record<string, ArrayLike<string>> {
  const names = [...columns.keys()].filter((name) => !KNOWN.has(name) && n > 0 && columns.get(name)!().length === n);
  return lazily(names, (name) => strings(columns.get(name)!(), n, []));
}

/** Values by name, each made when it is first read: most columns are of spans that nobody looks at. */
function lazily<K extends string, V>(names: readonly K[], make: (name: K) => V): Record<K, V> {
  const all = {} as Record<K, V>;
  for (const name of names) {
    Object.defineProperty(all, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        const value = make(name);
        Object.defineProperty(all, name, { value, enumerable: true, configurable: true, writable: true });
        return value;
      },
    });
  }
  return all;
}

const HOLE = '\u0001';

// A reason's words have a hole where its value, in a column of its own, belongs.
function reasons(words: ArrayLike<unknown>, values: ArrayLike<unknown>): ArrayLike<unknown> {
  if (values.length !== words.length) {
    return words;
  }
  return Array.from(words, (text, i) => (typeof text === 'string' && values[i] ? text.replace(HOLE, () => String(values[i])) : text));
}

// A whole column of text stays as it came, without a copy; what is not text reads as ''.
function strings(values: ArrayLike<unknown>, n: number, empty: readonly string[]): ArrayLike<string> {
  if (values.length === 0) {
    return empty; // one for all the columns that are not there
  }
  for (let i = 0; i < n; i++) {
    if (typeof values[i] !== 'string') {
      return Array.from(values, (v) => (v === null || v === undefined ? '' : String(v)));
    }
  }
  return values as ArrayLike<string>;
}
