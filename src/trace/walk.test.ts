import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { webshop, rowOf } from './fixture';
import { HEIGHTS, layoutTrace } from './layout';
import { walk } from './walk';

const t = webshop();
const layout = layoutTrace(t, { heights: HEIGHTS.strands, layers: [true, true, true], collapsed: new Set(), focus: -1, ghosts: true, held: analyse(t).held.below });

it('reaches all 100 spans with the arrow keys', () => {
  const reached = new Set<number>();
  const open = [walk(layout, -1, 'down')];
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    if (!reached.has(i)) {
      reached.add(i);
      open.push(walk(layout, i, 'down'), walk(layout, i, 'right'));
    }
  }
  expect(reached.size).toBe(100);
});

it('comes back the way it went, and stays where there is nothing', () => {
  const [nine, twentyFour] = [rowOf(t, 9), rowOf(t, 24)];
  expect(walk(layout, nine, 'right')).toBe(twentyFour);
  expect(walk(layout, twentyFour, 'left')).toBe(nine);
  expect(walk(layout, nine, 'left')).toBe(nine);
  expect(walk(layout, walk(layout, nine, 'down'), 'up')).toBe(nine);
  expect(walk(layout, rowOf(t, 1), 'up')).toBe(rowOf(t, 1));
  expect(walk(layout, rowOf(t, 87), 'down')).toBe(rowOf(t, 87));
});
