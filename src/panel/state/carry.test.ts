import { expect, it } from 'vitest';
import { analyse, type Analysis } from '../../trace/analysis';
import { hopsOf } from '../../trace/calls';
import { rowOf, webshop, webshopRows } from '../../trace/fixture';
import { readTrace, type FrameLike } from '../../trace/frame';
import { carry, shiftBetween } from './carry';
import { initialView } from './view';

const EARLIER = 3_000_000; // by how much the late span begins before all others, in ns

/** The same trace, one refresh later: a span that came late is its first row, and its origin. */
function refreshed(frame: FrameLike): FrameLike {
  const first: Record<string, unknown> = { id: 'ffff000000000001', parentIdx: -1, offset: 0, duration: 1000, source: 'APP', point: 'app', name: 'came late' };
  const startNs = String(BigInt(String(frame.meta!.custom!.startNs)) - BigInt(EARLIER));
  return {
    length: frame.fields[0].values.length + 1,
    fields: frame.fields.map(({ name, values }) => ({
      name,
      values: [first[name] ?? (typeof values[0] === 'number' ? 0 : ''), ...Array.from(values, (v) => (name === 'parentIdx' ? ((v as number) < 0 ? -1 : (v as number) + 1) : name === 'offset' ? (v as number) + EARLIER : v))],
    })),
    meta: { custom: { ...frame.meta!.custom, startNs } },
  };
}

const before = analyse(webshop());
const after = analyse(readTrace(refreshed(webshopRows())));
const row = (of: Analysis, id: number) => rowOf(of.trace, id);

it('finds every row again, and every time', () => {
  const call = 3;
  const firstHop = Number.parseInt(before.trace.text.id[hopsOf(before.calls, call)[0]], 16);
  const state = {
    ...initialView({}, row(before, 61)),
    focus: row(before, 59),
    collapsed: new Set([row(before, 87), row(before, 97)]),
    openGroups: new Set([row(before, 60)]),
    openCalls: new Set([call]),
    call,
    query: 'items',
    range: [1e6, 2e6] as const,
    events: { row: row(before, 61), list: [{ time: 5e6, name: 'retry' }] },
  };
  const carried = carry(state, before, after);
  expect(after.trace.length).toBe(before.trace.length + 1);
  expect(shiftBetween(before, after)).toBe(EARLIER);
  expect(carried).toEqual({
    ...state,
    selected: row(after, 61),
    focus: row(after, 59),
    collapsed: new Set([row(after, 87), row(after, 97)]),
    openGroups: new Set([row(after, 60)]),
    openCalls: new Set([after.calls.of[row(after, firstHop)]]),
    call: after.calls.of[row(after, firstHop)],
    range: [1e6 + EARLIER, 2e6 + EARLIER],
    events: { row: row(after, 61), list: [{ time: 5e6 + EARLIER, name: 'retry' }] },
  });
  expect(carried.selected).not.toBe(state.selected);
});

it('lets go of spans that are gone', () => {
  const without = analyse(webshop(new Set([61])));
  const carried = carry({ ...initialView({}, row(before, 61)), collapsed: new Set([row(before, 61), row(before, 87)]) }, before, without);
  expect([carried.selected, [...carried.collapsed]]).toEqual([-1, [row(without, 87)]]);
});
