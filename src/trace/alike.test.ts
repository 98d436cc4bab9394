import { describe, expect, it } from 'vitest';
import { LEAST_ALIKE, memberAt, membersOf } from './alike';
import { analyse } from './analysis';
import { randomTrace, spans, webshop } from './fixture';
import { batchFrame } from './fixture/many';
import { readTrace } from './frame';
import { barOf, groupAt, HEIGHTS, layoutTrace, type Layout } from './layout';
import type { Trace } from './model';
import { walk } from './walk';

const layoutOf = (t: Trace, open: number[] = [], collapsed: number[] = [], layers: readonly [boolean, boolean, boolean] = [true, true, true]): Layout => {
  const { held, kinds, slices } = analyse(t);
  const fold = new Set(collapsed);
  return layoutTrace(t, {
    heights: HEIGHTS.alike, layers, collapsed: fold, focus: -1, ghosts: true, held: held.below,
    alike: { kinds, held: held.alone, own: slices.own, open: new Set(open), collapsed: fold },
  });
};

/** A handler that asks the database once per item: 40 queries, each with its packet. */
function loop(queries = 40): Trace {
  const rows: Array<[number, number, number]> = [[-1, 0, 100_000]];
  const more = { name: ['GET /cart'], source: ['APP'], point: ['app'], service: ['shop'], error: [false] };
  const add = (row: [number, number, number], name: string, source: string, point: string, service: string, error = false) => {
    more.name.push(name);
    more.source.push(source);
    more.point.push(point);
    more.service.push(service);
    more.error.push(error);
    return rows.push(row) - 1;
  };
  for (let k = 0; k < queries; k++) {
    const query = add([0, k * 1000, k * 1000 + 500 + k], `SELECT item ${k}`, 'APP', 'app', 'shop', k === 7);
    add([query, k * 1000 + 100, k * 1000 + 300], 'SELECT', 'NET', 'c', '');
  }
  add([0, 90_000, 95_000], 'render', 'APP', 'app', 'shop');
  return readTrace(spans(rows, { ...more, missing: rows.map(() => 0) }));
}

const texts = (t: Trace, l: Layout) => Array.from(l.order, (bar) => (groupAt(l, bar) < 0 ? t.text.name[bar] : `×${membersOf(l.alike!, groupAt(l, bar)).length}`));

function expectEachSpanOnce(t: Trace, l: Layout, shown: (i: number) => boolean) {
  const seen = new Int32Array(t.length);
  for (const bar of l.order) {
    const g = groupAt(l, bar);
    if (g < 0) {
      seen[bar]++;
    } else if (!l.alike!.open[g]) {
      membersOf(l.alike!, g).forEach((i) => seen[i]++);
    }
  }
  for (let i = 0; i < t.length; i++) {
    expect(seen[i]).toBe(shown(i) ? 1 : 0);
    expect(barOf(l, i) >= 0).toBe(shown(i));
  }
}

function expectCountsAddUp(t: Trace, l: Layout) {
  const a = l.alike!;
  const { held } = analyse(t);
  for (let g = 0; g < a.count; g++) {
    const members = Array.from(membersOf(a, g));
    const times = members.map((i) => t.end[i] - t.start[i]).sort((x, y) => x - y);
    expect(a.held[g]).toBe(members.reduce((sum, i) => sum + held.alone[i], 0));
    expect(a.failed[g]).toBe(members.filter((i) => t.error[i]).length);
    expect(t.end[a.longest[g]] - t.start[a.longest[g]]).toBe(times.at(-1));
    expect([a.p50[g], a.p99[g]]).toEqual([0.5, 0.99].map((p) => times[Math.ceil(times.length * p) - 1]));
    const running = members.map((i) => members.filter((j) => t.start[j] <= t.start[i] && t.end[j] > t.start[i]).length);
    expect(a.peak[g]).toBe(Math.max(1, ...running));
    expect(new Set(members.map((i) => [t.service[i], t.source[i], t.point[i]].join())).size).toBe(1);
    expect(l.start[l.spans + g]).toBe(Math.min(...members.map((i) => t.start[i])));
    expect(l.end[l.spans + g]).toBe(Math.max(...members.map((i) => t.end[i])));
  }
}

function expectNothingCovered(l: Layout) {
  for (let r = 0; r < l.rowY.length; r++) {
    for (let k = l.rowStart[r] + 1; k < l.rowStart[r + 1]; k++) {
      expect(l.from[k]).toBeGreaterThanOrEqual(l.to[k - 1]);
    }
  }
  const bars = Array.from(l.order);
  for (const i of bars) {
    const p = l.shownParent[i];
    expect(p < 0 || l.y[i] >= l.y[p] + l.height[p]).toBe(true);
    expect(l.y[i] + l.height[i]).toBeLessThanOrEqual(l.total);
  }
}

describe('a loop of 40 queries', () => {
  const t = loop();

  it('is one bar, its packets are another one, and what is not alike stays', () => {
    expect(texts(t, layoutOf(t)).sort()).toEqual(['GET /cart', 'render', '×40', '×40']);
  });

  it('tells the longest, what is usual, failures and how many ran at once', () => {
    const { alike } = layoutOf(t);
    expect([t.text.name[alike!.longest[0]], alike!.p50[0], alike!.p99[0], alike!.failed[0], alike!.peak[0]]).toEqual(['SELECT item 39', 519, 539, 1, 1]);
  });

  it('stays as it is below twenty', () => {
    expect(layoutOf(loop(LEAST_ALIKE - 1)).order).toHaveLength(2 + 2 * (LEAST_ALIKE - 1));
    expect(layoutOf(loop(LEAST_ALIKE)).order).toHaveLength(4);
  });

  it('opens in place, under a heading, and what is inside is bars again', () => {
    const first = membersOf(layoutOf(t).alike!, 0)[0];
    const l = layoutOf(t, [first]);
    expect(l.order).toHaveLength(1 + 1 + 1 + 40 + 40);
    const heading = l.spans + 0;
    expect(l.shownParent[first]).toBe(heading);
    expect(l.shownParent[heading]).toBe(0);
    expectEachSpanOnce(t, l, () => true);
    expectNothingCovered(l);
  });

  it('hides what is below it when it is folded', () => {
    const first = membersOf(layoutOf(t).alike!, 0)[0];
    const l = layoutOf(t, [], [first]);
    expect(texts(t, l).sort()).toEqual(['GET /cart', 'render', '×40']);
    expectEachSpanOnce(t, l, (i) => t.text.name[i] !== 'SELECT');
  });

  it('is walked by its longest span, and opened span by span', () => {
    const l = layoutOf(t);
    const group = walk(l, 0, 'down');
    expect(t.text.name[group]).toBe('SELECT item 39');
    expect(t.text.name[walk(l, group, 'right')]).toBe('render');
    expect(t.text.name[walk(l, group, 'down')]).toBe('SELECT');
    expect(walk(l, group, 'up')).toBe(0);
    const first = membersOf(l.alike!, 0)[0];
    const opened = layoutOf(t, [first]);
    expect(walk(opened, 0, 'down')).toBe(first);
    expect(walk(opened, first, 'up')).toBe(0);
    expect(t.text.name[walk(opened, first, 'right')]).toBe('SELECT item 1');
    expect(t.text.name[walk(opened, 79, 'right')]).toBe('render'); // from the last one out of the group
    expect(t.text.name[walk(opened, 81, 'left')]).toBe('SELECT item 39');
  });

  it('finds the span that ran at a time, or was next to it', () => {
    const { alike } = layoutOf(t);
    expect(t.text.name[memberAt(t, alike!, 0, 3_200)]).toBe('SELECT item 3');
    expect(t.text.name[memberAt(t, alike!, 0, 3_900)]).toBe('SELECT item 4');
  });
});

it('leaves the reference trace as it is: nothing in it comes twenty times', () => {
  const l = layoutOf(webshop());
  expect(l.order).toHaveLength(100);
  expect(l.alike!.count).toBe(0);
});

it('makes some 30 bars of a batch job of 20,000 spans', () => {
  const t = readTrace(batchFrame(20_000));
  const l = layoutOf(t);
  expect(l.order.length).toBeLessThan(40);
  expectEachSpanOnce(t, l, () => true);
  expectNothingCovered(l);
});

it('has every span in exactly one bar, and sums that are those of its spans, for random traces', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const t = randomTrace(400, seed);
    const folded = layoutOf(t);
    const some = Array.from({ length: folded.alike!.count }, (_, g) => membersOf(folded.alike!, g)[0]).filter((_, k) => k % 2 === 0);
    for (const [l, shown] of [
      [folded, () => true],
      [layoutOf(t, some), () => true],
      [layoutOf(t, [], [], [true, false, true]), (i: number) => t.source[i] !== 1],
    ] as Array<[Layout, (i: number) => boolean]>) {
      expectEachSpanOnce(t, l, shown);
      expectCountsAddUp(t, l);
      expectNothingCovered(l);
    }
  }
});

it('reaches every bar with the arrow keys, open or not', () => {
  const t = readTrace(batchFrame(3000));
  const closed = layoutOf(t);
  const first = membersOf(closed.alike!, 1)[0];
  for (const l of [closed, layoutOf(t, [first])]) {
    const reached = new Set<number>();
    const at = [walk(l, -1, 'down')];
    for (let i = at.pop(); i !== undefined; i = at.pop()) {
      if (!reached.has(barOf(l, i))) {
        reached.add(barOf(l, i));
        at.push(walk(l, i, 'down'), walk(l, i, 'right'));
      }
    }
    const headings = Array.from(l.alike!.open).filter(Boolean).length;
    expect(reached.size).toBe(l.order.length - headings);
  }
});
