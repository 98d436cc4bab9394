// What is said about a trace comes from the catalog that the backend reads, too.
import catalog from '../../pkg/trace/words/words.json';

export type Entry = keyof typeof catalog;

/** The entry's text with the {names} in it filled in. */
export const say = (entry: Entry, values: Readonly<Record<string, string | number>> = {}): string =>
  catalog[entry].replace(/\{(\w+)\}/g, (hole, name: string) => (name in values ? String(values[name]) : hole));
