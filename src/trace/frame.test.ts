import { describe, expect, it } from 'vitest';
import { rowOf, spans, webshop, webshopRows } from './fixture';
import { isTraceFrame, readTrace } from './frame';
import { Confidence, Point, Source } from './model';

describe('the reference trace', () => {
  it('has 100 spans: 46 APP, 20 SYS, 34 NET, in one tree', () => {
    const t = webshop();
    expect(t.length).toBe(100);
    expect(t.meta.counts).toEqual({ app: 46, sys: 20, net: 34 });
    expect(t.roots).toHaveLength(1);
    expect(t.children).toHaveLength(99);
  });

  it('has exactly two inferred links, the two SQL commands', () => {
    const t = webshop();
    const inferred = Array.from(t.order).filter((i) => t.confidence[i] === Confidence.Inferred);
    expect(inferred).toEqual([rowOf(t, 64), rowOf(t, 97)]);
  });

  it('knows where the error starts', () => {
    const t = webshop();
    expect(Array.from(t.order).filter((i) => t.origin[i])).toEqual([rowOf(t, 87)]);
  });
});

describe('texts that come by number', () => {
  const field = (name: string, values: unknown[], text?: string[]) => ({ name, values, config: text && { type: { enum: { text } } } });
  const frame = {
    length: 3,
    fields: [
      field('parentIdx', [-1, 0, 1]), field('offset', [0, 1, 2]), field('duration', [10, 5, 2]), field('error', [0, 1, 0]),
      field('name', [0, 1, 9], ['GET /', 'read']), field('seenAt', [0, 1, 1]),
      field('reason', [0, 1, 1], ['', 'same pair \u0001 at s']), field('reasonValue', [0, 1, 2], ['', '$&7/8', '']),
      field('http.route', [1, 0, 0], ['', '/items']),
    ],
    meta: { custom: { throughline: 'trace', shared: { field: 'seenAt', columns: { source: ['APP', 'SYS'], service: ['web', 'db'], node: ['n0', 'n1'], pod: 'no list' } } } },
  };

  it('are read as words', () => {
    const t = readTrace(frame);
    expect(t.text.name).toEqual(['GET /', 'read', '']);
    expect([t.text.node, Array.from(t.source)]).toEqual([['n0', 'n1', 'n1'], [Source.App, Source.Sys, Source.Sys]]);
    expect([t.services, Array.from(t.service)]).toEqual([['web', 'db'], [0, 1, 1]]);
    expect(t.text.pod).toEqual(['', '', '']);
    expect(Array.from(t.error)).toEqual([0, 1, 0]);
    expect(t.extra).toEqual({ 'http.route': ['/items', '', ''] });
  });

  it('have their value in the reason’s hole', () => expect(readTrace(frame).text.reason).toEqual(['', 'same pair $&7/8 at s', 'same pair \u0001 at s']));
});

describe('a frame of another version', () => {
  it('is read with whole columns missing', () => {
    const t = readTrace({ fields: [{ name: 'parentIdx', values: [-1, 0] }, { name: 'offset', values: [0, 5] }, { name: 'duration', values: [10, 2] }] });
    expect(t.length).toBe(2);
    expect(t.parent).toEqual(Int32Array.of(-1, 0));
    expect(t.source[1]).toBe(Source.App);
    expect(t.point[1]).toBe(Point.Other);
    expect(t.text.name[1]).toBe('');
    expect(t.meta.counts).toEqual({ app: 2, sys: 0, net: 0 });
  });

  it('is read with columns of another length, nulls and numbers where text should be', () => {
    const frame = spans([[-1, 0, 10], [0, 2, 3]], { name: [null, 7], node: ['only one'], confidence: [null, 'unheard of'] });
    const t = readTrace(frame);
    expect(Array.from(t.text.name)).toEqual(['', '7']);
    expect(t.text.node[1]).toBe('');
    expect(t.confidence[1]).toBe(Confidence.Proven);
  });

  it('is read with times that are no numbers', () => {
    const t = readTrace(spans([[-1, 0, 10]], { offset: ['x'], duration: [Infinity] }));
    expect([t.start[0], t.end[0]]).toEqual([0, 0]);
  });

  it('may be empty', () => {
    const t = readTrace({ length: 0, fields: [] });
    expect([t.length, t.main, t.from, t.to]).toEqual([0, -1, 0, 0]);
  });
});

it('cuts cycles and parents out of range', () => {
  const t = readTrace(spans([[2, 0, 9], [0, 1, 8], [1, 2, 7], [99, 0, 1], [4, 0, 1]]));
  expect(t.roots.length).toBe(3);
  expect(new Set(t.order).size).toBe(5);
});

it('takes the order of siblings from their start, whatever the rows’ order', () => {
  const t = readTrace(spans([[-1, 0, 10], [0, 5, 6], [0, 1, 2]]));
  expect(Array.from(t.order)).toEqual([0, 2, 1]);
});

it('tells an orphan from the entry of the trace', () => {
  const t = readTrace(spans([[-1, 0, 10], [-1, 5, 60]], { orphan: ['', 'no key matches'] }));
  expect(t.main).toBe(0);
  expect(t.confidence[1]).toBe(Confidence.None);
});

it('recognises the frame by its meta or by its fields', () => {
  expect(isTraceFrame(webshopRows())).toBe(true);
  expect(isTraceFrame({ fields: webshopRows().fields })).toBe(true);
  expect(isTraceFrame({ fields: [{ name: 'value', values: [] }] })).toBe(false);
});

it('takes the backend’s count of hops that nobody saw: only it knows who looked', () => {
  const t = webshop(new Set([56, 57, 58]));
  expect(t.missing[rowOf(t, 59)]).toBe(3);
  expect(Array.from(webshop().missing).every((m) => m === 0)).toBe(true);
  expect(readTrace(spans([[-1, 0, 10], [0, 1, 2]], { missing: [0, 4] })).missing[1]).toBe(4);
  expect([...readTrace(spans([[-1, 0, 10], [0, 1, 2]])).missing]).toEqual([0, 0]);
});

it('takes clock offsets off only where raw times contradict a session', () => {
  const rows = { source: ['NET', 'NET'], point: ['c-nd', 's-nd'], node: ['n0', 'n1'], service: ['', ''] };
  const offsets = { n0: 0, n1: -400 };
  const skewed = spans([[-1, 1000, 2000], [0, 700, 1500]], rows);
  Object.assign(skewed.meta!.custom!, { offsets, aligned: true, skewed: ['n1'] });
  const aligned = readTrace(skewed);
  expect([aligned.meta.aligned, aligned.start[1], aligned.end[1]]).toEqual([true, 1100, 1900]);
  const plausible = spans([[-1, 1000, 2000], [0, 1050, 1500]], rows);
  plausible.meta!.custom!.offsets = offsets;
  expect([readTrace(plausible).meta.aligned, readTrace(plausible).start[1]]).toEqual([false, 1050]);
});
