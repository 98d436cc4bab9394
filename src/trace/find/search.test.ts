import { describe, expect, it } from 'vitest';
import { rowOf, webshop } from '../fixture';
import { shape } from '../fixture/shapes';
import { questionsOf, search } from './search';

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

describe('of what the frame leaves behind', () => {
  const { trace } = shape('demofail-0');
  const charge = Array.prototype.indexOf.call(trace.text.name, 'charge');
  const only = (row: number) => Uint8Array.from({ length: trace.length }, (_, i) => (i === row ? 1 : 0));
  const found = (query: string, answers: Record<string, Uint8Array> = {}) => Array.from(search(trace, query, { answers: new Map(Object.entries(answers)) })!.rows);

  it('asks the data source, once for each word, and not for what the frame has', () => {
    expect(questionsOf('kind=server >5ms error s: status!=ok')).toEqual([]);
    expect(questionsOf('app.loyalty.level=gold gold gold')).toEqual([
      { filter: 'app.loyalty.level=gold', needed: true },
      { filter: 'any_value=*gold*', needed: false },
    ]);
    expect(questionsOf('service=~pay.*')).toEqual([{ filter: 'service=~pay.*', needed: true }]); // expressions are the store's
  });

  it('holds what it answers against the other words', () => {
    const answers = { 'app.loyalty.level=gold': only(charge), 'any_value=*visa*': only(charge) };
    expect(found('app.loyalty.level=gold', answers)).toEqual([charge]);
    expect(found('visa', answers)).toEqual([charge]);
    expect(found('visa error', answers)).toEqual([charge]);
    expect(found('visa kind=consumer', answers)).toEqual([]);
    expect(found('charge visa', answers)).toEqual([charge]);
  });

  it('adds answers to what the frame shows of a text', () => {
    expect(found('charge')).toContain(charge);
    const root = trace.main;
    expect(found('charge', { 'any_value=*charge*': only(root) })).toEqual(expect.arrayContaining([root, charge]));
  });

  it('finds nothing by a key that nobody answers for', () => {
    expect(found('app.loyalty.level=gold')).toEqual([]);
    expect(found('app.loyalty.level!=gold')).toEqual([]);
    expect(found('constructor=x')).toEqual([]);
  });

  it('means by status what a search means', () => {
    const failed = Array.from(trace.order).filter((i) => trace.error[i]);
    expect(found('status=error')).toEqual(failed);
    expect(found('status!=error')).toHaveLength(trace.length - failed.length);
    expect(found('status=ok|error').length).toBeGreaterThan(failed.length);
  });

  it('reads wildcards, lists and negations as a search does', () => {
    const names = (query: string) => [...new Set(found(query).map((i) => trace.text.name[i]))];
    expect(names('name=ch*ge')).toEqual(['charge']);
    expect(names('name={charge,nobody}')).toEqual(['charge']);
    expect(names('name=CHARGE|nobody')).toEqual(['charge']);
    expect(names('name!=charge')).not.toContain('charge');
    expect(names('name=charg')).toEqual([]);
  });
});
