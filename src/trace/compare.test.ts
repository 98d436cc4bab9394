import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { compare, difference, isAsLong } from './compare';
import { compareSentence } from './compareSentence';
import { randomTrace, spans, webshop, webshopRows } from './fixture';
import { readTrace } from './frame';
import { quicker } from './fixture/quicker';

const a = analyse(webshop());

/** The reference trace without its lost packet: what follows it is 204 ms earlier. */
const fast = analyse(readTrace(quicker(webshopRows())));

it('of a trace with itself has no difference', () => {
  const { totals, services, spans: byName } = compare(a, a);
  expect(totals[0]).toBe(totals[1]);
  expect([...services, ...byName].every((p) => difference(p) === 0 && p.counts[0] === p.counts[1])).toBe(true);
});

it('names the hop that differs first, and adds up exactly', () => {
  const { totals, spans: byName, services, layers } = compare(fast, a);
  expect(byName[0].key).toBe('web-shop → svc-order · POST /orders · c-nd');
  expect(difference(byName[0])).toBe(203_700_000);
  for (const list of [byName, services, layers]) {
    expect(list.reduce((sum, p) => sum + difference(p), 0)).toBe(totals[1] - totals[0]);
  }
});

it('pairs names whose numbers differ, and shows what only one has', () => {
  const one = analyse(readTrace(spans([[-1, 0, 10], [0, 1, 5]], { name: ['job 1', 'load'] })));
  const two = analyse(readTrace(spans([[-1, 0, 20], [0, 1, 9]], { name: ['job 2', 'save'] })));
  expect(compare(one, two).spans.map((p) => [p.key, ...p.counts])).toEqual([['a · save', 0, 1], ['a · job #', 1, 1], ['a · load', 1, 0]]);
});

it('adds up exactly for any two traces, by every list', () => {
  for (let seed = 1; seed < 40; seed++) {
    const [x, y] = [analyse(randomTrace(60, seed)), analyse(randomTrace(50, seed * 7))];
    const c = compare(x, y);
    const durations = [x, y].map(({ trace }) => trace.end[trace.main] - trace.start[trace.main]);
    expect(c.totals).toEqual(durations);
    for (const list of [c.layers, c.services, c.spans]) {
      expect(list.reduce((sum, p) => sum + difference(p), 0)).toBe(durations[1] - durations[0]);
    }
    const only = c.gains[0].reduce((sum, gain, i) => sum + (c.match.toB[i] < 0 ? gain : 0), 0);
    expect(c.gains[1].reduce((sum, gain) => sum + gain, only)).toBe(durations[1] - durations[0]);
  }
});

it('says in one sentence what the difference was', () => {
  const said = (x: typeof a, y: typeof a) => compareSentence(compare(x, y), x, y);
  expect(said(fast, a)).toBe('204 ms slower: 204 ms of it network, wire node0 → node2 (IPIP), POST /orders');
  expect(said(a, fast)).toBe('204 ms faster: 204 ms of it network, wire node0 → node2 (IPIP), POST /orders');
  expect(said(a, a)).toBe('No difference: every part took as long');
  const of = (inner: number, whole: number) => analyse(readTrace(spans([[-1, 0, whole], [0, 10, 10 + inner]], { name: ['job', 'load'], service: ['a', 'a'] })));
  expect(said(of(100, 1000), of(700, 1300))).toBe('300 ns slower: 300 ns of it code of a, in 2 spans, most in load');
  expect(said(of(100, 1000), of(700, 1000))).toBe('As long as each other, in other spans');
});

it('takes what rounding makes, and less than three digits tell, for as long', () => {
  const of = (inner: number) => analyse(readTrace(spans([[-1, 0, 1_000_000], [0, 10, 10 + inner]], { name: ['job', 'load'] })));
  const c = compare(of(400_000), of(400_001));
  expect(c.spans.map((p) => [difference(p) !== 0, isAsLong(p)])).toEqual([[true, true], [true, true]]);
  expect(c.differences).toEqual([]);
  expect(compareSentence(c, of(400_000), of(400_001))).toBe('No difference: every part took as long');
  expect(isAsLong({ times: [400_000, 401_000] })).toBe(false);
});
