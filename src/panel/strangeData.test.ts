import { createDataFrame, type DataFrame } from '@grafana/data';
import { expect, it } from 'vitest';
import { strangeData } from './strangeData';

const frame = (names: string[], rows = 1, custom?: Record<string, unknown>): DataFrame =>
  createDataFrame({ fields: names.map((name) => ({ name, values: new Array(rows).fill(1) })), meta: { custom } });

it('is nothing of a trace, of no rows, and of nothing', () => {
  expect(strangeData([])).toBeNull();
  expect(strangeData([frame(['time', 'value'], 0)])).toBeNull();
  expect(strangeData([frame(['time', 'value']), frame(['id'], 3, { throughline: 'trace' })])).toBeNull();
});

it('says what came, and no more than one can read', () => {
  expect(strangeData([frame(['time', 'value'], 1)])!.got).toEqual(['1 row of time, value']);
  const many = Array.from({ length: 12 }, (_, k) => `${k}`.padEnd(100, 'x'));
  const { got } = strangeData([frame(many, 1200), frame(['a']), frame(['b']), frame(['c'])])!;
  expect(got[0]).toMatch(/^1,200 rows of 0x+…, .* and 7 more$/);
  expect([got[0].length < 300, got.slice(1)]).toEqual([true, ['1 row of a', '2 more frames']]);
});

it.each([
  [frame(['trace'], 1, { throughline: 'requests' }), /^That is a list of requests: choose the visualisation Throughline requests/],
  [frame(['traceID', 'spanID', 'parentSpanID']), /^That is a trace in Grafana’s own form/],
  [frame(['time', 'value']), /^Choose the data source Throughline and the query type Trace, .*another visualisation/],
])('advises by what came', (came, advice) => {
  expect(strangeData([came])!.advice).toMatch(advice);
});
