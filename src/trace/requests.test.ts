import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { webshop } from './fixture';
import { requestLog, sortRequests } from './requests';

const rows = requestLog(analyse(webshop()));

it('has every request of the trace, with the time of each leg there and back', () => {
  expect(rows.length).toBe(10);
  const slow = sortRequests(rows, 'c-nd → s-nd')[0];
  expect([slow.ladder.from, slow.ladder.to]).toEqual(['web-shop', 'svc-order']);
  expect(slow.legs.get('c → c-nd')).toMatchObject({ request: 14_000, response: 12_000 });
});

it('adds up: the legs there, the callee, the legs back', () => {
  for (const r of rows) {
    const way = [...r.legs.values()].reduce((sum, leg) => sum + leg.request + leg.response, 0);
    expect(way + r.ladder.inside).toBe(r.ladder.total);
  }
});

it('sorts by start first to last, by times the largest first', () => {
  expect(sortRequests(rows, 'start').map((r) => r.start)).toEqual([...rows.map((r) => r.start)].sort((a, b) => a - b));
  const totals = sortRequests(rows, 'duration').map((r) => r.ladder.total);
  expect(totals).toEqual([...totals].sort((a, b) => b - a));
});
