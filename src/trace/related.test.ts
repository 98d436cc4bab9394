import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { rowOf, spans, webshop } from './fixture';
import { readTrace } from './frame';
import { relatedTo } from './related';

const a = analyse(webshop());
const at = (id: number) => rowOf(a.trace, id);

it('lists what a span called, the longest first', () => {
  const r = relatedTo(a, at(61));
  expect(r.childCount).toBe(3);
  expect(r.children.slice(0, 2)).toEqual([at(88), at(77)]);
});

it('finds where an error that was passed on starts', () => {
  expect(relatedTo(a, at(77)).origin).toBe(at(87));
  expect(relatedTo(a, at(87)).origin).toBe(-1);
});

it('finds spans alike, with numbers in their names folded', () => {
  const t = readTrace(spans([[-1, 0, 99], [0, 1, 5], [0, 6, 30], [0, 31, 40]], { name: ['root', 'load 1', 'load 22', 'save 1'] }));
  const r = relatedTo(analyse(t), 1);
  expect([r.alikeCount, r.place, r.alike]).toEqual([2, 2, [2]]);
});

it('knows links that were offered and not made, by row or by id', () => {
  const frame = spans([[-1, 0, 99], [0, 1, 5], [0, 6, 30]]);
  Object.assign(frame.meta!.custom!, { weak: [{ span: '2', parent: '1', reason: 'same request' }, { span: 2, parent: 0, reason: 'covers it' }, { span: 'no such', parent: 1 }, 7] });
  const r = relatedTo(analyse(readTrace(frame)), 2);
  expect(r.weak).toEqual([{ row: 1, asParent: true, reason: 'same request' }, { row: 0, asParent: true, reason: 'covers it' }]);
});
