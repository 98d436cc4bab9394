import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { spans } from './fixture';
import { readTrace } from './frame';
import { MOST_COMPARED, sidesOf, type Against } from './sides';

const { trace, kinds } = analyse(
  readTrace(spans([[-1, 0, 100], [0, 0, 10], [0, 10, 40], [0, 40, 60], [0, 60, 65], [0, 70, 71]], { name: ['root', 'fetch 1', 'fetch 2', 'fetch 3', 'fetch 4', 'other'], error: [0, 0, 1, 0, 0, 0] }))
);
const sides = (rows: number[], against: Against) => {
  const { selected, others } = sidesOf(trace, kinds, rows, against);
  return [selected, others];
};

it('compares spans with the others of their kind', () => expect(sides([2, 3], 'rest')).toEqual([[2, 3], [1, 4]]));

it('compares with all others where all of a kind are chosen', () => expect(sides([1, 2, 3, 4], 'rest')).toEqual([[1, 2, 3, 4], [0, 5]]));

it('compares the slow with the fast, each kind by its own median', () => expect(sides([0, 1, 2, 3, 4, 5], 'slow')).toEqual([[3, 2], [4, 1]]));

it('compares the failed with the others', () => expect(sides([1, 2, 3], 'failed')).toEqual([[2], [1, 3]]));

it('takes some of very many, evenly spread', () => {
  const rows = Array.from({ length: 100_000 }, (_, k) => k % 6);
  const { selected, all } = sidesOf(trace, kinds, rows, 'slow');
  expect(selected).toHaveLength(MOST_COMPARED);
  expect(all[0] + all[1]).toBe(100_000);
});
