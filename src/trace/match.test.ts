import { expect, it } from 'vitest';
import { randomTrace, rowOf, spans, webshop } from './fixture';
import { readTrace } from './frame';
import { matchSpans } from './match';

type Row = [parent: number, start: number, end: number];
const trace = (rows: Row[], names: string[], more: Record<string, unknown[]> = {}) => readTrace(spans(rows, { name: names, ...more }));

it('finds every span of a trace in itself', () => {
  const t = webshop();
  expect([...matchSpans(t, t).toB]).toEqual([...t.start.keys()]);
});

it('pairs siblings of one name in their order, whatever their numbers are', () => {
  const a = trace([[-1, 0, 100], [0, 1, 10], [0, 20, 30], [0, 40, 50]], ['job 7', 'GET /item/12', 'GET /item/13', 'save']);
  const b = trace([[-1, 0, 200], [0, 1, 90], [0, 100, 110]], ['job 8', 'GET /item/99', 'save']);
  expect([...matchSpans(a, b).toB]).toEqual([0, 1, -1, 2]);
  expect([...matchSpans(a, b).toA]).toEqual([0, 1, 3]);
});

it('tells spans of one name apart by service and source', () => {
  const a = trace([[-1, 0, 100], [0, 1, 10]], ['job', 'load'], { service: ['a', 'b'] });
  const b = trace([[-1, 0, 100], [0, 1, 10]], ['job', 'load'], { service: ['a', 'c'] });
  expect([...matchSpans(a, b).toB]).toEqual([0, -1]);
});

it('finds what is below a hop that only one trace has', () => {
  const whole = webshop();
  const partial = webshop(new Set([91, 92])); // two points of the call to svc-stock were lost
  const { toB } = matchSpans(whole, partial);
  expect(toB[rowOf(whole, 91)]).toBe(-1);
  for (const id of [90, 93, 96]) {
    expect(toB[rowOf(whole, id)], `span ${id}`).toBe(rowOf(partial, id));
  }
});

it('is one to one, and below a match only what is below its partner', () => {
  for (let seed = 1; seed < 30; seed++) {
    const [a, b] = [randomTrace(80, seed), randomTrace(70, seed + 100)];
    const { toA, toB } = matchSpans(a, b);
    toB.forEach((j, i) => j >= 0 && expect(toA[j]).toBe(i));
    toA.forEach((i, j) => i >= 0 && expect(toB[i]).toBe(j));
    const above = (t: typeof a, row: number, other: Int32Array) => {
      let p = t.parent[row];
      while (p >= 0 && other[p] < 0) {
        p = t.parent[p];
      }
      return p;
    };
    toB.forEach((j, i) => {
      const [p, q] = [above(a, i, toB), j < 0 ? -1 : above(b, j, toA)];
      if (p >= 0 && q >= 0) {
        expect(toB[p]).toBe(q); // else one of them had lost its parent
      }
    });
  }
});
