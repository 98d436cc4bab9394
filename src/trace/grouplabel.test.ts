import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { spans } from './fixture';
import { readTrace } from './frame';
import { groupFigures, groupLabels } from './grouplabel';
import { HEIGHTS, layoutTrace } from './layout';

function groupOf(name: (k: number) => string, source = 'APP', point = 'app') {
  const rows = Array.from({ length: 21 }, (_, k): [number, number, number] => (k === 0 ? [-1, 0, 100_000] : [0, k * 1000, k * 1000 + 10 * k]));
  const t = readTrace(spans(rows, { name: rows.map((_, k) => name(k)), source: rows.map((_, k) => (k ? source : 'APP')), point: rows.map((_, k) => (k ? point : 'app')), error: rows.map((_, k) => k === 5), missing: rows.map(() => 0) }));
  const { kinds, held, slices } = analyse(t);
  const none = new Set<number>();
  const alike = { kinds, held: held.alone, own: slices.own, open: none, collapsed: none };
  return { t, a: layoutTrace(t, { heights: HEIGHTS.alike, layers: [true, true, true], collapsed: none, focus: -1, ghosts: false, held: held.below, alike }).alike! };
}

it.each([
  ['all have the same name', () => 'GET /v1/items', 'GET /v1/items'],
  ['digits differ', (k: number) => `Worker-${k}`, 'Worker-#'],
  ['ids differ', (k: number) => `fetch ${(0x9f3a + k * 77).toString(16)} alpha`, 'fetch # alpha'],
  ['there are no digits', () => 'Repo.load', 'Repo.load'],
])('is named by its spans where %s', (_, name, label) => {
  const { t, a } = groupOf(name);
  expect(groupLabels(t, a, 0)[0]).toBe(label);
});

it('is named by its point where it is packets', () => {
  const { t, a } = groupOf((k) => `GET /${k}`, 'NET', 'c-nd');
  expect(groupLabels(t, a, 0)).toEqual(['c-nd packets', 'GET /#']);
});

it('has figures for less and less room, failures last to go', () => {
  const { a } = groupOf(() => 'x');
  expect(groupFigures(a, 0)).toEqual(['holds 2.10 µs   p50 100 ns   p99 200 ns   max 200 ns   ! 1   1 at once', 'holds 2.10 µs   p50 100 ns   max 200 ns   ! 1', 'holds 2.10 µs   ! 1', '! 1']);
});
