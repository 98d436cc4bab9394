import { expect, it } from 'vitest';
import { formatBytes, readable } from './readable';
import { formatSql } from './sql';

it.each<[string, unknown, string]>([
  ['duration', 12_500_000, '12.5 ms'],
  ['db.duration_ms', 250, '250 ms'],
  ['messaging.process.time_us', '900', '900 µs'],
  ['timeout.seconds', 2, '2.00 s'],
  ['http.response.body.size', 123_456, '123 kB'],
  ['http.request_content_length', 999, '999 B'],
  ['requestSize', 1_500_000, '1.5 MB'],
  ['startNs', '1700000000250000123', '2023-11-14 22:13:20.250000 UTC'],
  ['app.cart.items.count', 4, '4'],
  ['app.loyal', true, 'true'],
  ['app.amount', 1290.5, '1290.5'],
  ['tags', ['a', 'b', 3], 'a, b, 3'],
  ['tags', '["a","b"]', 'a, b'],
  ['none', null, ''],
])('%s of %j is %s', (key, value, text) => expect(readable(key, value).text).toBe(text));

it('keeps what was sent beside what is shown', () => {
  expect(readable('duration', 12_500_000).raw).toBe('12500000');
  expect(readable('user', 'ann')).toEqual({ text: 'ann', block: false });
});

it('gives JSON a line for each member, and keeps lines of text', () => {
  expect(readable('body', '{"a":{"b":[1,2]}}')).toEqual({ text: '{\n  "a": {\n    "b": [\n      1,\n      2\n    ]\n  }\n}', block: true, raw: '{"a":{"b":[1,2]}}' });
  expect(readable('note', 'a\nb')).toEqual({ text: 'a\nb', block: true });
  expect(readable('broken', '{"a":')).toEqual({ text: '{"a":', block: false });
});

it.each([
  ['SELECT a, b FROM t WHERE x = 1 AND y BETWEEN 1 AND 2 ORDER BY a LIMIT 3', 'SELECT a, b\nFROM t\nWHERE x = 1\n  AND y BETWEEN 1 AND 2\nORDER BY a\nLIMIT 3'],
  ["select 'from where' from `order by` LEFT OUTER JOIN l ON l.id = o.id", "select 'from where'\nfrom `order by`\nLEFT OUTER JOIN l ON l.id = o.id"],
  ['INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET a = 2', 'INSERT INTO t (a)\nVALUES (1)\nON CONFLICT DO UPDATE\nSET a = 2'],
  ['SELECT x FROM (SELECT y FROM z WHERE a) q', 'SELECT x\nFROM (SELECT y FROM z WHERE a) q'],
  ['HGET 6d1e cart', 'HGET 6d1e cart'],
])('%s has a line for each clause', (sql, text) => expect(formatSql(sql)).toBe(text));

it('shows SQL by clauses where the key says it is a statement', () => {
  expect(readable('db.query.text', 'SELECT 1 FROM t').text).toBe('SELECT 1\nFROM t');
  expect(readable('comment', 'SELECT 1 FROM t').text).toBe('SELECT 1 FROM t');
});

it.each([[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [9_999, '10 kB'], [1e15, '1000 TB']])('%d bytes are %s', (n, text) => expect(formatBytes(n)).toBe(text));
