import { describe, expect, it } from 'vitest';
import { analyse } from './analysis';
import { batchFrame } from './fixture/many';
import { randomTrace, rowOf, webshop } from './fixture';
import { readTrace } from './frame';
import { HEIGHTS, layoutTrace, type Layout, type LayoutOptions } from './layout';
import type { Trace } from './model';

const ALL = [true, true, true] as const;

const layoutOf = (t: Trace, o: Partial<LayoutOptions> = {}): Layout =>
  layoutTrace(t, { heights: HEIGHTS.strands, layers: ALL, collapsed: new Set(), focus: -1, ghosts: true, held: analyse(t).held.below, ...o });

function expectSound(t: Trace, l: Layout) {
  expect(new Set(l.order).size).toBe(l.order.length);
  for (let r = 0; r < l.rowY.length; r++) {
    for (let k = l.rowStart[r]; k < l.rowStart[r + 1]; k++) {
      const i = l.order[k];
      expect(l.y[i]).toBe(l.rowY[r]);
      // Bars of one height are disjoint and sorted, so their ends are sorted too.
      if (k > l.rowStart[r]) {
        expect(t.start[i]).toBeGreaterThanOrEqual(t.end[l.order[k - 1]]);
      }
    }
  }
  for (const i of l.order) {
    const p = l.shownParent[i];
    if (p >= 0) {
      expect(l.y[i]).toBeGreaterThanOrEqual(l.y[p] + l.height[p]);
    }
    expect(l.y[i] + l.height[i]).toBeLessThanOrEqual(l.total);
  }
}

// No bar may cover another one, whatever their heights.
function expectDisjoint(t: Trace, l: Layout) {
  const bars = Array.from(l.order).filter((i) => t.end[i] > t.start[i]);
  for (const a of bars) {
    for (const b of bars) {
      if (a < b && t.start[a] < t.end[b] && t.start[b] < t.end[a]) {
        expect(l.y[a] + l.height[a] <= l.y[b] || l.y[b] + l.height[b] <= l.y[a]).toBe(true);
      }
    }
  }
}

describe('the reference trace', () => {
  it('has every span once, children below parents, nothing on top of anything', () => {
    const t = webshop();
    const l = layoutOf(t);
    expect(l.order).toHaveLength(100);
    expectSound(t, l);
    expectDisjoint(t, l);
  });

  it('has every bar directly under its parent where no lane moved it', () => {
    const t = webshop();
    const l = layoutOf(t);
    const moved = Array.from(l.order).filter((i) => l.shownParent[i] >= 0 && l.y[i] !== l.y[l.shownParent[i]] + l.height[l.shownParent[i]] + 1);
    expect(moved).toEqual([rowOf(t, 62)]); // beside 77, which holds more of the time
  });

  it('moves children of a hidden layer up to the next shown ancestor', () => {
    const t = webshop();
    const l = layoutOf(t, { layers: [true, false, false] });
    expect(l.order).toHaveLength(46);
    expect(l.shownParent[rowOf(t, 59)]).toBe(rowOf(t, 52));
    expectSound(t, l);
    expectDisjoint(t, l);
  });

  it('shows a subtree alone, and folds one away', () => {
    const t = webshop();
    const [from, to] = [rowOf(t, 61), rowOf(t, 77)];
    expect(layoutOf(t, { focus: from }).order).toHaveLength(40);
    expect(layoutOf(t, { collapsed: new Set([to]) }).order).toHaveLength(100 - 10);
  });

  it('keeps spans without a parent apart, and leaves room for hops that were not seen', () => {
    const t = webshop(new Set([56, 57, 58, 88, 89, 93]));
    const l = layoutOf(t);
    expect(l.orphansY).toBeGreaterThan(0);
    expect(l.y[rowOf(t, 90)]).toBeGreaterThan(l.orphansY);
    expect(l.y[rowOf(t, 59)] - l.y[rowOf(t, 55)]).toBe(4 + 1 + 17);
    expectSound(t, l);
    expectDisjoint(t, l);
  });
});

it('is sound for random traces with overlaps, orphans and every choice of layers', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const t = randomTrace(150, seed);
    for (const layers of [ALL, [true, false, true], [true, true, false], [false, true, false]] as const) {
      const l = layoutOf(t, { layers });
      expectSound(t, l);
      expectDisjoint(t, l);
    }
  }
});

it('puts many siblings side by side into as few lanes as run at once', () => {
  const n = 1000;
  const fields = [
    { name: 'parentIdx', values: [-1, ...Array(n).fill(0)] },
    { name: 'offset', values: [0, ...Array.from({ length: n }, (_, i) => i * 10)] },
    { name: 'duration', values: [20_000, ...Array(n).fill(35)] },
  ];
  const t = readTrace({ fields });
  const l = layoutOf(t);
  expect(l.rowY).toHaveLength(1 + 4);
  expectSound(t, l);
});

it('is sound for a batch job of 20,000 spans, and for a chain of as many', () => {
  const batch = readTrace(batchFrame(20_000));
  expectSound(batch, layoutOf(batch));
  const n = 20_000;
  const chain = readTrace({
    fields: [
      { name: 'parentIdx', values: Array.from({ length: n }, (_, i) => i - 1) },
      { name: 'offset', values: Array.from({ length: n }, (_, i) => i) },
      { name: 'duration', values: Array.from({ length: n }, (_, i) => 2 * (n - i)) },
    ],
  });
  expect(layoutOf(chain).rowY).toHaveLength(n);
});
