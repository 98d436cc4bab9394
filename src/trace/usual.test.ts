import { expect, it } from 'vitest';
import { rowOf, spans, webshopRows } from './fixture';
import { readTrace } from './frame';
import { isUnusual, usualOf, usualOwn } from './usual';

const frame = webshopRows();
const usual = { '|POST /orders|c-nd': 153_000_000, '|POST /orders|s-nd': 152_820_000, 'svc-order|OrderService.place|app': 150e6, bad: 'text' };
const t = readTrace({ ...frame, meta: { custom: { ...frame.meta!.custom, usual } } });

it('knows the median of a span, and of a leg by the medians of its two points', () => {
  const wire = rowOf(t, 55);
  expect(usualOf(t, wire)).toBe(153_000_000);
  expect(usualOwn(t, wire)).toBe(180_000);
  expect(isUnusual(203_958_000, usualOwn(t, wire))).toBe(true);
});

it('says nothing where nobody keeps it', () => {
  expect(usualOf(t, 0)).toBe(-1);
  expect(usualOwn(t, rowOf(t, 61))).toBe(-1); // of its children nothing is known
  expect(isUnusual(1e9, -1)).toBe(false);
  expect(isUnusual(1e9, 0)).toBe(false); // a median of nothing says nothing
  expect(usualOf(readTrace(frame), 0)).toBe(-1);
});

it('knows what code takes beside its calls, where that can be right', () => {
  const of = (whole: number, load: number) => {
    const usual = { 'a|job|app': whole, 'a|load|app': load };
    const rows = spans([[-1, 0, 100], [0, 10, 60]], { name: ['job', 'load'] });
    return usualOwn(readTrace({ ...rows, meta: { custom: { ...rows.meta!.custom, usual } } }), 0);
  };
  expect(of(80, 50)).toBe(30); // all of what is longer now
  expect(of(80, 20)).toBe(-1); // more code than now in less time than now: medians that do not add up
});
