import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { hopsOf, ladderOf, type Calls } from './calls';
import { rowOf, webshop } from './fixture';
import { Layer, Point } from './model';

const all = (calls: Calls) => Array.from({ length: calls.count }, (_, call) => hopsOf(calls, call));

it('finds the ten calls of the reference trace, six points across nodes and four inside one', () => {
  const t = webshop();
  const { calls } = analyse(t);
  expect(all(calls).map((h) => h.length)).toEqual([6, 6, 6, 6, 6, 4, 6, 6, 4, 4]);
  expect(calls.of[rowOf(t, 53)]).toBe(calls.of[rowOf(t, 58)]);
  expect(calls.of[rowOf(t, 7)]).toBe(-1);
});

it('has a ladder whose legs and inside add up to the caller’s duration', () => {
  const t = webshop();
  const { calls } = analyse(t);
  for (const hops of all(calls)) {
    const l = ladderOf(t, hops);
    expect(l.there + l.back + l.inside).toBe(l.total);
    expect(l.kernel + l.network).toBe(l.there + l.back);
  }
  const order = ladderOf(t, hopsOf(calls, calls.of[rowOf(t, 53)]));
  expect(order).toMatchObject({ from: 'web-shop', to: 'svc-order', across: true, tunnel: 'IPIP', request: 'POST /orders' });
  expect(order.legs.map((leg) => leg?.layer)).toEqual([Layer.Kernel, Layer.Network, Layer.Network, Layer.Network, Layer.Kernel]);
});

it('shows points that nobody saw', () => {
  const t = webshop(new Set([56, 57]));
  const { calls } = analyse(t);
  const l = ladderOf(t, hopsOf(calls, calls.of[rowOf(t, 53)]));
  expect(l.rungs.filter((r) => r.row < 0).map((r) => r.point)).toEqual([Point.ServerNode, Point.Server, Point.ServerProcess]);
  expect(l.legs.slice(2)).toEqual([undefined, undefined, undefined]);
  expect(l.inside).toBe(-1);
});
