import { expect, it } from 'vitest';
import { rowOf, webshop } from './fixture';
import { search } from './search';

const t = webshop();
const count = (query: string) => search(t, query)?.rows.length;

it.each([
  ['', undefined],
  ['   ', undefined],
  ['a:', 46],
  ['s:', 20],
  ['n:', 34],
  ['inferred', 2],
  ['error', 11],
  ['error a:', 5],
  ['c-nd', 7],
  ['n: s-nd eth0', 7],
  ['SET autocommit', 4],
  ['nothing has this name', 0],
  ['>100ms', 20],
  ['>100ms <200ms', 6],
])('%s finds %s', (query, expected) => expect(count(query)).toBe(expected));

it('gives hits in pre-order and a mask', () => {
  const hits = search(t, 'related')!;
  expect(hits.rows[0]).toBe(rowOf(t, 77));
  expect(hits.mask.reduce((a, b) => a + b, 0)).toBe(hits.rows.length);
});
