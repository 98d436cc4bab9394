import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { matchSpans } from './match';
import { randomTrace, spans, webshop } from './fixture';
import { readTrace } from './frame';
import { ribbonGain, ribbonsOf } from './ribbons';

const of = (rows: Array<[number, number, number]>, name: string[]) => analyse(readTrace(spans(rows, { name })));

it('joins what each span held with what its match held', () => {
  const a = of([[-1, 0, 100], [0, 10, 30]], ['job', 'load']);
  const b = of([[-1, 0, 150], [0, 10, 80]], ['job', 'load']);
  expect(ribbonsOf(a, b, matchSpans(a.trace, b.trace))).toEqual([
    { rows: [0, 0], a: [0, 10], b: [0, 10] },
    { rows: [1, 1], a: [10, 30], b: [10, 80] },
    { rows: [0, 0], a: [30, 100], b: [80, 150] },
  ]);
});

it('lets what only one trace has come out of a point of the other', () => {
  const a = of([[-1, 0, 100]], ['job']);
  const b = of([[-1, 0, 150], [0, 100, 150]], ['job', 'retry']);
  const there = matchSpans(a.trace, b.trace);
  expect(ribbonsOf(a, b, there)).toContainEqual({ rows: [-1, 1], a: [100, 100], b: [100, 150] });
  const back = matchSpans(b.trace, a.trace);
  expect(ribbonsOf(b, a, back)).toContainEqual({ rows: [1, -1], a: [100, 150], b: [100, 100] });
});

it('covers both traces, so that the ribbons’ differences add up', () => {
  const one = analyse(webshop());
  for (let seed = 1; seed < 30; seed++) {
    for (const [a, b] of [[analyse(randomTrace(60, seed)), analyse(randomTrace(60, seed + 50))], [one, analyse(randomTrace(40, seed))]]) {
      const ribbons = ribbonsOf(a, b, matchSpans(a.trace, b.trace));
      const time = ({ trace }: typeof a) => trace.end[trace.main] - trace.start[trace.main];
      expect(ribbons.reduce((sum, r) => sum + r.a[1] - r.a[0], 0)).toBe(time(a));
      expect(ribbons.reduce((sum, r) => sum + ribbonGain(r), 0)).toBe(time(b) - time(a));
    }
  }
});
