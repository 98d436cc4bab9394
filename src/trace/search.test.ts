import { describe, expect, it } from 'vitest';
import { rowOf, webshop } from './fixture';
import { shape } from './fixture/shapes';
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

describe('of OpenTelemetry alone', () => {
  const { trace } = shape('demofail-0');
  const rows = (query: string) => Array.from(search(trace, query)!.rows);

  it('finds kinds, statuses and messages', () => {
    expect(rows('kind=server').every((i) => trace.text.kind[i] === 'SERVER')).toBe(true);
    expect(rows('kind=server').length).toBeGreaterThan(0);
    expect(rows('invalid token')).toContain(Array.prototype.indexOf.call(trace.text.name, 'charge'));
    expect(rows('service=payment').length).toBeGreaterThan(0);
  });

  it('compares durations and codes', () => {
    const longest = trace.end[trace.main] - trace.start[trace.main];
    expect(rows(`>=${longest}ns`)).toContain(trace.main);
    expect(rows(`>${longest}ns`)).not.toContain(trace.main);
    expect(rows(`=${longest}ns`)).toContain(trace.main);
    expect(rows('code>=0')).toHaveLength(trace.length);
  });

  it('finds a span by OpenTelemetry’s id, as any tool writes it', () => {
    const id = trace.text.spanId[5] || trace.text.id[5];
    for (const text of [id, id.toUpperCase(), `${id.slice(0, 8)}-${id.slice(8)}`]) {
      expect(rows(text)).toContain(5);
    }
  });
});
