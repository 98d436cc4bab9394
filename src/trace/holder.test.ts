import { describe, expect, it } from 'vitest';
import { analyse } from './analysis';
import { breakDown } from './breakdown';
import { dice, randomTrace, rowOf, spans, webshop } from './fixture';
import { readTrace } from './frame';
import { holderAt, holdersOf } from './holder';
import { Layer } from './model';
import { accountOf } from './parts';
import { servicesOf } from './services';

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

describe('where the time of the reference trace went', () => {
  const a = analyse(webshop());
  const { trace, slices, holders } = a;
  const all = breakDown(trace, slices, holders);
  const duration = trace.end[trace.main] - trace.start[trace.main];

  it('adds up to the duration exactly: by layer, by part, by service', () => {
    expect(all.total).toBe(duration);
    expect(sum(Object.values(all.layers))).toBe(duration);
    expect(sum(all.parts.map((p) => p.time))).toBe(duration);
    expect(sum(servicesOf(a).rows.map((r) => r.held))).toBe(duration);
    expect(sum(servicesOf(a).rows.flatMap((r) => r.spans))).toBe(100);
  });

  it('blames the wire for the lost packet', () => {
    const { parts, sentence } = accountOf(a, holders, trace.main);
    expect([parts[0].layer, parts[0].row, parts[0].to - parts[0].from]).toEqual([Layer.Network, rowOf(trace, 55), 203_870_000]);
    expect(sentence).toBe('204 ms of 443 ms: network, wire node0 → node2 (IPIP), POST /orders');
  });

  it('has one holder at every instant', () => {
    for (let k = 1; k < holders.length; k++) {
      expect(holders.from[k]).toBe(holders.to[k - 1]);
    }
    const k = holderAt(holders, 200_000_000);
    expect(holders.span[k]).toBe(rowOf(trace, 55));
    expect(holderAt(holders, -1)).toBe(-1);
    expect(holderAt(holders, duration + 1)).toBe(-1);
  });

  it('says what code waited for before its request left', () => {
    const t = readTrace(
      spans([[-1, 0, 100], [0, 60, 90], [1, 62, 88]], {
        source: ['APP', 'SYS', 'NET'],
        point: ['app', 'c-p', 'c'],
        kind: ['CLIENT', '', ''],
        confidence: ['', 'proven', 'proven'],
        rule: ['', 'trace context', 'hop chain'],
        service: ['shop', 'shop', ''],
        name: ['GET /pay', '', ''],
      })
    );
    const b = analyse(t);
    expect(accountOf(b, b.holders, t.main).sentence).toBe('60 ns of 100 ns: code of shop before its request left: waiting for a connection');
  });
});

it('never blames a layer beside a hop that nobody saw', () => {
  const a = analyse(webshop(new Set([56, 57, 58, 88, 89, 93])));
  const all = breakDown(a.trace, a.slices, a.holders);
  expect(all.layers[Layer.Unseen]).toBeGreaterThan(203_000_000);
  expect(sum(Object.values(all.layers))).toBe(all.total);
  expect(accountOf(a, a.holders, a.trace.main).sentence).toContain('not seen: 3 hops between web-shop and svc-order');
});

it('adds up for random traces, for ranges that follow each other and for every subtree', () => {
  for (let seed = 1; seed <= 15; seed++) {
    const t = randomTrace(120, seed);
    const { slices, holders } = analyse(t);
    const duration = t.end[t.main] - t.start[t.main];
    const all = breakDown(t, slices, holders);
    expect(all.total).toBe(duration);
    expect(sum(all.parts.map((p) => p.time))).toBe(duration);
    const roll = dice(seed);
    const cuts = [t.start[t.main], ...Array.from({ length: 5 }, () => t.start[t.main] + roll(duration)), t.end[t.main]].sort((x, y) => x - y);
    expect(sum(cuts.slice(1).map((to, k) => breakDown(t, slices, holders, cuts[k], to).total))).toBe(duration);
    for (let i = 0; i < t.length; i++) {
      expect(breakDown(t, slices, holdersOf(t, slices, i)).total).toBe(t.end[i] - t.start[i]);
    }
  }
});

it('has own times that are the interval less the union of the children', () => {
  const t = readTrace(spans([[-1, 0, 100], [0, 10, 40], [0, 30, 60], [0, 90, 130], [0, -20, 5]]));
  const { slices } = analyse(t);
  expect(slices.own[0]).toBe(5 + 30); // 5..10 and 60..90
});
