import { expect, it } from 'vitest';
import { breakDown } from './breakdown';
import { analyse } from './analysis';
import { spans, webshop } from './fixture';
import { readTrace } from './frame';
import { groupBy, groupCounts, groupings } from './group';
import { groupOf } from './model';

it('offers the fields that the trace has values for, and those of the frame that are not ours', () => {
  const fields = groupings(webshop()).map(([field]) => field);
  expect(fields).toEqual(expect.arrayContaining(['service', 'namespace', 'node', 'protocol', 'status', 'tunnel']));
  const t = readTrace(spans([[-1, 0, 10], [0, 2, 5]], { 'http.route': ['/a', '/b'], empty: ['', ''] }));
  expect(groupings(t).map(([field]) => field)).toEqual(['service', 'source', 'point', 'http.route']);
  expect(groupOf(groupBy(t, 'http.route'), 1)).toBe('/b');
});

it('shares all columns and adds up by any field', () => {
  const a = analyse(webshop());
  for (const [field] of groupings(a.trace)) {
    const t = groupBy(a.trace, field);
    expect(t.start).toBe(a.trace.start);
    const { parts, total } = breakDown(t, a.slices, a.holders);
    expect(parts.reduce((sum, p) => sum + p.time, 0)).toBe(total);
    expect(total).toBe(t.end[t.main] - t.start[t.main]);
  }
});

it('goes back to the service, also for a field that is not there', () => {
  const t = webshop();
  expect(groupBy(groupBy(t, 'node'), 'service').groups).toBe(t.services);
  expect(groupBy(t, 'no such field')).toBe(t);
});

it('counts the spans of each colour, the most first', () => {
  const t = groupBy(readTrace(spans([[-1, 0, 10], [0, 2, 5], [0, 6, 7]], { 'http.route': ['/b', '/b', ''] })), 'http.route');
  expect(groupCounts(t)).toEqual([['/b', 2], ['', 1]]);
});
