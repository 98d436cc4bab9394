// The list's model: rows, order, lengths of bars, what they are split into.
import { createDataFrame, FieldType, type DataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { barShare, extentOf } from './barScale';
import { columnsFor } from './columns';
import { Layer, partsOf, shareOf, type RowLayers } from './layers';
import { barTime, firstOrder, needsLayers, NEWEST, orderRows } from './order';
import { failureOf, readRequests, type RequestRow } from './rows';

const row = (index: number, change: Partial<RequestRow> = {}): RequestRow => ({
  index, trace: `t${index}`, span: `s${index}`, start: 1000 - index, service: 'web', request: 'GET /', duration: 1e6, status: 'ok', code: 200, client: '', errors: 0, failure: '', matched: '', rootless: false, ...change,
});

const layers = (code: number, kernel: number, network: number, not_seen = 0): RowLayers => ({
  duration: code + kernel + network + not_seen, layers: { code, kernel, network, not_seen }, counts: { app: 1, sys: 1, net: code }, trace: 0,
  names: ['web', 'user'], services: [{ service: 'user', code: code - 1, kernel }, { service: 'web', code: 1, kernel: 0 }],
});

describe('rows', () => {
  const frame = (meta: object, fields: Record<string, unknown[]> = { trace: ['a', 'b'], span: ['1', '2'], start: [5, 4], duration: [1e6, 2e6], status: ['ok', null] }): DataFrame =>
    createDataFrame({ meta: { custom: meta as Record<string, unknown> }, fields: Object.entries(fields).map(([name, values]) => ({ name, type: FieldType.other, values })) });

  it('are read from the frame of a search, whatever lies beside it', () => {
    const other = frame({ throughline: 'trace' });
    const read = readRequests([other, frame({ throughline: 'requests', scope: 'roots', datasource: 'uid' })])!;
    expect(read.rows.map((r) => r.trace)).toEqual(['a', 'b']);
    expect(read.rows[1]).toMatchObject({ span: '2', start: 4, duration: 2e6, status: '', service: '', code: 0 });
    expect(read).toMatchObject({ of: 'trace', datasource: 'uid' });
    expect(readRequests([other])).toBeUndefined();
    expect(readRequests([])).toBeUndefined();
  });

  it('know what failed in their trace, what matched, and that its root is missing', () => {
    const read = readRequests([
      frame({ throughline: 'requests', scope: 'roots', rootless: [1], nothing: [] }, { trace: ['a', 'b'], errors: [2, 0], failure: ['payment Charge: refused', ''], matched: ['payment Charge and 1 more', ''] }),
    ])!;
    expect(read.rows[0]).toMatchObject({ errors: 2, failure: 'payment Charge: refused', matched: 'payment Charge and 1 more', rootless: false });
    expect(read.rows[1]).toMatchObject({ errors: 0, rootless: true });
  });

  it('show their whole trace where it begins with them, else the request alone', () => {
    expect(['roots', 'requests', 'all', undefined].map((scope) => readRequests([frame({ throughline: 'requests', scope })])!.of)).toEqual(['trace', 'request', 'request', 'request']);
  });

  it('are marked where they failed, and by whose fault', () => {
    expect(['ok', 'unknown', '', 'open', 'client error', 'server error', 'timeout', 'reset', 'closed', 'unanswered'].map((status) => failureOf(row(0, { status })))).toEqual(['', '', '', '', 'client', ...Array<string>(5).fill('server')]);
  });
});

describe('bars', () => {
  it('are as long as their time, on any scale', () => {
    const extent = extentOf([0, 1e6, 10e6, 100e6]);
    expect(extent).toEqual({ min: 1e6, max: 100e6 });
    expect([1e6, 50e6, 100e6].map((t) => barShare('linear', extent, t))).toEqual([0.01, 0.5, 1]);
    const log = [1e6, 10e6, 100e6].map((t) => barShare('log', extent, t));
    expect(log[1] - log[0]).toBeCloseTo(log[2] - log[1]);
    expect(log[0]).toBeGreaterThan(0.3);
    expect(log[2]).toBe(1);
    expect(barShare('equal', extent, 5)).toBe(1);
  });

  it('have a length where all times are equal, and none where there is none', () => {
    expect(barShare('log', extentOf([7, 7]), 7)).toBe(1);
    for (const scale of ['linear', 'log', 'equal'] as const) {
      expect(barShare(scale, extentOf([]), 0)).toBe(0);
      expect(barShare(scale, extentOf([5]), NaN)).toBe(0);
    }
  });

  it('are split into parts that add up, services in the same order in every row', () => {
    const parts = partsOf(layers(10, 4, 6, 2));
    expect(parts.map((p) => [p.layer, p.time, p.owners.map((o) => `${o.service} ${o.time}`).join(', ')])).toEqual([
      [Layer.Code, 10, 'web 1, user 9'], [Layer.Kernel, 4, 'user 4'], [Layer.Network, 6, ' 6'], [Layer.Unseen, 2, ' 2'],
    ]);
    expect(partsOf({ ...layers(10, 4, 0), services: undefined }).map((p) => p.owners)).toEqual([[{ service: '', time: 10 }], [{ service: '', time: 4 }]]);
    expect(partsOf(layers(0, 0, 0))).toEqual([]);
  });
});

describe('order', () => {
  const known = new Map<string, RowLayers>([['t0', layers(10, 0, 10)], ['t1', layers(2, 0, 98)], ['t3', { ...layers(0, 0, 0), reason: 'too many' }], ['t4', layers(9, 0, 1)]]);
  const get = (r: RequestRow) => known.get(r.trace);
  const rows = [row(0, { service: 'web-10' }), row(1, { service: 'web-9', status: 'server error', code: 500 }), row(2, { service: '' }), row(3, { status: 'client error', code: 404 }), row(4, { status: 'unknown' })];
  const by = (order: Parameters<typeof orderRows>[1]) => orderRows(rows, order, get).map((r) => r.index);

  it('is that of the data, newest first', () => {
    expect(orderRows(rows, NEWEST, get)).toBe(rows);
    expect(by({ by: 'start', descending: false })).toEqual([4, 3, 2, 1, 0]);
  });

  it('by the share of a layer puts what is not known last', () => {
    expect(by({ by: Layer.Network, descending: true })).toEqual([1, 0, 4, 2, 3]);
    expect(by({ by: Layer.Network, descending: false })).toEqual([4, 0, 1, 2, 3]);
    expect(shareOf(get(rows[1]), Layer.Network)).toBe(0.98);
  });

  it('by text takes numbers for numbers and leaves the empty for last', () => {
    expect(by(firstOrder('service'))).toEqual([3, 4, 1, 0, 2]);
    expect(by({ by: 'service', descending: true }).at(-1)).toBe(2);
  });

  it('by status has failures first, by duration what the bar shows', () => {
    expect(by(firstOrder('status'))[0]).toBe(1);
    expect(by(firstOrder('status'))[1]).toBe(3);
    expect(barTime(rows[1], get(rows[1]))).toBe(100);
    expect(barTime(rows[3], get(rows[3]))).toBe(1e6); // not split: the request's own
    expect(by(firstOrder('duration'))).toEqual([2, 3, 1, 0, 4]);
  });

  it('says when it needs to know where the time of all rows went', () => {
    expect((['start', 'service', 'status', 'duration', 'spans', Layer.Code] as const).map((k) => needsLayers(firstOrder(k)))).toEqual([false, false, false, true, true, true]);
  });
});

it('has fewer columns where there is less room, and says what the figure is', () => {
  const keys = (width: number) => columnsFor(width, 'trace', null).map((c) => c.key).join(' ');
  expect(keys(1400)).toBe('start service request bar duration spans errors status client');
  expect(columnsFor(1400, 'trace', null, true).map((c) => c.key)).toContain('matched');
  expect(columnsFor(1400, 'request', null).map((c) => c.key)).not.toContain('errors');
  expect(keys(340)).toBe('start service request bar duration');
  const label = (of: 'trace' | 'request', only: Layer | null) => columnsFor(900, of, only).find((c) => c.key === 'duration')!.label;
  expect([label('trace', null), label('request', null), label('trace', Layer.Network)]).toEqual(['Trace took', 'Took', 'Network']);
});
