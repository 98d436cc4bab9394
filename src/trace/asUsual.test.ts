import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { asUsual } from './asUsual';
import { compare, difference } from './compare';
import { compareSentence } from './compareSentence';
import { rowOf, spans, webshopRows } from './fixture';
import { readTrace } from './frame';

const withUsual = (usual: Record<string, number>) => {
  const frame = webshopRows();
  return analyse(readTrace({ ...frame, meta: { custom: { ...frame.meta!.custom, usual } } }));
};

it('is nothing where no median is known', () => {
  expect(asUsual(withUsual({}))).toBeNull();
});

it('takes a slow leg back to its median and leaves the rest as it was', () => {
  const real = withUsual({ '|POST /orders|c-nd': 153_000_000, '|POST /orders|s-nd': 152_820_000 });
  const usual = asUsual(real)!;
  const wire = rowOf(real.trace, 55);
  expect(usual.known).toBe(real.held.alone[wire]);
  expect(Math.round(usual.analysis.held.alone[wire])).toBe(180_000);
  const c = compare(usual.analysis, real);
  expect(compareSentence(c, usual.analysis, real)).toBe('204 ms slower: 204 ms of it network, wire node0 → node2 (IPIP), POST /orders');
  expect(c.spans.filter((p) => difference(p) !== 0)).toHaveLength(1);
  expect(c.spans.reduce((sum, p) => sum + difference(p), 0)).toBe(c.totals[1] - c.totals[0]);
});

it('stretches what was quicker than usual, and moves all that follows', () => {
  const usual = { 'a|load|app': 40, 'a|save|app': 10 };
  const frame = spans([[-1, 0, 100], [0, 10, 20], [0, 50, 60]], { name: ['job', 'load', 'save'] });
  const real = analyse(readTrace({ ...frame, meta: { custom: { ...frame.meta!.custom, usual } } }));
  const { trace } = asUsual(real)!.analysis;
  expect([...trace.start]).toEqual([0, 10, 80]);
  expect([...trace.end]).toEqual([130, 50, 90]);
});
