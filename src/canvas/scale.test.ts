import { expect, it } from 'vitest';
import { headOf, scrollLimit } from './scale';

it.each([
  [600, [28, 20, 15]], [200, [28, 20, 15]], [180, [0, 20, 15]], [100, [0, 20, 0]], [60, [0, 0, 0]],
])('a graph %s px high has minimap, axis and spine of %j', (height, parts) => {
  const head = headOf(height);
  expect([head.minimap, head.axis, head.spine]).toEqual(parts);
});

it('leaves the bars most of a low graph', () => {
  for (let height = 50; height < 700; height++) {
    expect(headOf(height).height, `of ${height}`).toBeLessThan(height * 0.42);
  }
});

it('scrolls by what is left out, no more than that', () => {
  expect([scrollLimit(100, 400), scrollLimit(1000, 100)]).toEqual([0, 1000 - (100 - headOf(100).height) + 24]);
});
