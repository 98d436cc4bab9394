// From an attribute to the traces that have it: a filter of the data source's search.
import type { Attribute } from './attribute';

export interface AttributeFilter {
  key: string;
  operator: '=';
  value: string;
}

/** What an attribute is of. */
export type AttributeOf = 'span' | 'resource' | 'event';

/** A search takes no longer texts (`maxText` of pkg/plugin, in bytes). */
const LONGEST = 1000;

/** The filter that finds what has this attribute; null for what no search finds, as lists and empty texts. */
export function filterOf({ key, value }: Attribute, of: AttributeOf): AttributeFilter | null {
  const text = typeof value === 'object' || value === undefined ? '' : String(value);
  return key === '' || text === '' || text.length > LONGEST ? null : { key: keyFor(key, of), operator: '=', value: plain(text) };
}

// A search has words of its own (name, status, duration, ...), none with a dot, and three prefixes.
const keyFor = (key: string, of: AttributeOf): string => (key.includes('.') && !/^(resource|span|event)\./.test(key) ? key : `${of}.${key}`);

// A bar would make it a list.
const plain = (text: string): string => (text.includes('|') ? text.replace(/[\\|]/g, '\\$&') : text);

/** As a dashboard's address has a filter of an ad-hoc variable. */
export const inAddress = ({ key, operator, value }: AttributeFilter): string =>
  [key, operator, value].map((part) => part.replaceAll(',', '__gfc__').replaceAll('|', '__gfp__').replaceAll('#', '__gfh__')).join('|');
