import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { dice, spans } from './fixture';
import { readTrace } from './frame';
import { HEIGHTS, layoutTrace } from './layout';
import { meanRunning } from './running';

function groupOf(times: Array<[number, number]>) {
  const t = readTrace(spans([[-1, 0, 1000], ...times.map(([a, b]) => [0, a, b] as [number, number, number])]));
  const { kinds, held, slices } = analyse(t);
  const none = new Set<number>();
  const alike = { kinds, held: held.alone, own: slices.own, open: none, collapsed: none };
  return layoutTrace(t, { heights: HEIGHTS.alike, layers: [true, true, true], collapsed: none, focus: -1, ghosts: false, held: held.below, alike }).alike!;
}

it('is the busy time of each step, whole and by parts', () => {
  const a = groupOf(Array.from({ length: 20 }, (_, k) => [k * 10, k * 10 + 5]));
  const out = new Float32Array(4);
  meanRunning(a, 0, 0, 10, out);
  expect([...out]).toEqual([0.5, 0.5, 0.5, 0.5]);
  meanRunning(a, 0, 0, 5, out);
  expect([...out]).toEqual([1, -1, 1, -1]);
  meanRunning(a, 0, 190, 5, out);
  expect([...out]).toEqual([1, -1, -1, -1]);
});

it('agrees with counting, at any zoom', () => {
  const roll = dice(7);
  const times = Array.from({ length: 300 }, (): [number, number] => {
    const start = roll(900);
    return [start, start + 1 + roll(100)];
  });
  const a = groupOf(times);
  for (const step of [1, 3, 40, 200]) {
    const out = new Float32Array(12);
    meanRunning(a, 0, 100, step, out);
    out.forEach((mean, k) => {
      const [from, to] = [100 + k * step, 100 + (k + 1) * step];
      const busy = times.reduce((sum, [s, e]) => sum + Math.max(0, Math.min(e, to) - Math.max(s, from)), 0);
      expect(Math.max(0, mean)).toBeCloseTo(busy / step, 3);
    });
  }
});
