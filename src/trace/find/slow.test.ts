import { expect, it } from 'vitest';
import { analyse } from '../analysis';
import { webshopRows } from '../fixture';
import { shape } from '../fixture/shapes';
import { readTrace } from '../frame';
import { slowSpans } from './slow';

const slowOf = ({ trace, held }: ReturnType<typeof shape>) => {
  const slow = slowSpans(trace, held.alone);
  return trace.order.filter((i) => slow[i] === 1);
};

it('takes the fewest spans that hold more than half of the time', () => {
  const analysis = shape('nplus1-0');
  const { trace, held } = analysis;
  const rows = slowOf(analysis);
  const all = held.alone.reduce((sum, time) => sum + time, 0);
  const sum = rows.reduce((time, i) => time + held.alone[i], 0);
  const least = Math.min(...rows.map((i) => held.alone[i]));
  expect(sum).toBeGreaterThan(all / 2);
  expect(sum - least).toBeLessThanOrEqual(all / 2);
  expect(rows.length).toBeGreaterThan(50); // 200 equal statements are the trouble, not one of them
  expect(rows.filter((i) => !trace.text.name[i].startsWith('SELECT')).length).toBeLessThan(3);
});

it('takes what took twice the median of its kind, where that is known and matters', () => {
  const frame = webshopRows();
  const plain = analyse(readTrace(frame));
  const named = (name: string) => Array.from(plain.trace.order).filter((i) => plain.trace.text.name[i] === name);
  const usual = { 'svc-stock|GET /stock/{id}|s-p': 1e3 };
  const knowing = analyse(readTrace({ ...frame, meta: { custom: { ...frame.meta!.custom, usual } } }));
  const more = Array.from(slowOf(knowing)).filter((i) => !slowOf(plain).includes(i));
  expect(more.length).toBeGreaterThan(0);
  expect(named('GET /stock/{id}')).toEqual(expect.arrayContaining(more));
  expect(more.every((i) => plain.trace.end[i] - plain.trace.start[i] >= (plain.trace.to - plain.trace.from) / 100)).toBe(true);
});

it('takes none of nothing', () => {
  const { trace } = shape('nplus1-0');
  expect(slowSpans(trace, new Float64Array(trace.length)).includes(1)).toBe(false);
});
