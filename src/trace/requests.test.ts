import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { hopsOf, ladderOf } from './calls';
import { randomTrace, webshop } from './fixture';
import { requestOf, seenLegs, sortedCalls, type SortKey } from './requests';
import { LEGS, waysOf } from './ways';

const analysis = analyse(webshop());
const ways = waysOf(analysis.trace, analysis.calls);
const rowsBy = (key: SortKey) => Array.from(sortedCalls(analysis, ways, key), (call) => requestOf(analysis, call));

it('has every request of the trace, with the time of each leg there and back', () => {
  expect(rowsBy('start').length).toBe(10);
  const slow = rowsBy('c-nd → s-nd')[0];
  expect([slow.ladder.from, slow.ladder.to]).toEqual(['web-shop', 'svc-order']);
  expect(slow.legs.get('c → c-nd')).toMatchObject({ request: 14_000, response: 12_000 });
});

it('adds up: the legs there, the callee, the legs back', () => {
  for (const r of rowsBy('start')) {
    const way = [...r.legs.values()].reduce((sum, leg) => sum + leg.request + leg.response, 0);
    expect(way + r.ladder.inside).toBe(r.ladder.total);
  }
});

it('sorts by start first to last, by times the largest first', () => {
  const starts = rowsBy('start').map((r) => r.start);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  const totals = rowsBy('duration').map((r) => r.ladder.total);
  expect(totals).toEqual([...totals].sort((a, b) => b - a));
});

it.each([['the reference', webshop()], ['one without two packets', webshop(new Set([56, 57]))], ['a random trace', randomTrace(500, 7)]])('counts of %s what the ladders say', (_, trace) => {
  const a = analyse(trace);
  const counted = waysOf(trace, a.calls);
  for (let call = 0; call < a.calls.count; call++) {
    const ladder = ladderOf(trace, hopsOf(a.calls, call));
    const { legs } = requestOf(a, call);
    expect([counted.onTheWay[call], counted.inside[call], counted.total[call]]).toEqual([ladder.there + ladder.back, ladder.inside, ladder.total]);
    expect(Array.from(counted.legs.subarray(call * LEGS.length, (call + 1) * LEGS.length))).toEqual(LEGS.map((leg) => (legs.has(leg) ? legs.get(leg)!.request + legs.get(leg)!.response : -1)));
  }
  expect(seenLegs(counted)).toEqual(LEGS.filter((leg) => Array.from({ length: a.calls.count }, (__, call) => requestOf(a, call)).some((r) => r.legs.has(leg))));
});
