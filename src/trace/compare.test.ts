import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { compare, difference } from './compare';
import { spans, webshop, webshopRows } from './fixture';
import { readTrace } from './frame';

const a = analyse(webshop());

/** The reference trace without its lost packet: what follows it is 203.87 ms earlier. */
function quicker() {
  const frame = webshopRows();
  const saved = 203_700_000;
  const values = (name: string) => frame.fields.find((f) => f.name === name)!.values as number[];
  const [offset, duration] = [values('offset'), values('duration')];
  const at = 84e6; // in the middle of the wire
  frame.fields = frame.fields.map((f) =>
    f.name === 'offset'
      ? { ...f, values: offset.map((v) => (v > at ? v - saved : v)) }
      : f.name === 'duration'
        ? { ...f, values: duration.map((v, i) => (offset[i] <= at && offset[i] + v > at + saved ? v - saved : v)) }
        : f
  );
  return analyse(readTrace(frame));
}

it('of a trace with itself has no difference', () => {
  const { totals, services, spans: byName } = compare(a, a);
  expect(totals[0]).toBe(totals[1]);
  expect([...services, ...byName].every((p) => difference(p) === 0 && p.counts[0] === p.counts[1])).toBe(true);
});

it('names the hop that differs first, and adds up exactly', () => {
  const { totals, spans: byName, services, layers } = compare(quicker(), a);
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
