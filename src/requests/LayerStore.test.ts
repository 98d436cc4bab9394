import { Observable, of, Subject, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LayersAnswer, RowLayers } from './layers';
import { BATCH, LayerStore, type Ask } from './LayerStore';
import type { RequestRow } from './rows';

const row = (n: number, start = 0): RequestRow => ({ index: n, trace: `t${n}`, span: `s${n}`, start, service: '', request: '', duration: 1, status: '', code: 0, client: '', errors: 0, failure: '', matched: '', rootless: false });
const split: RowLayers = { duration: 4, layers: { code: 1, kernel: 1, network: 1, not_seen: 1 }, counts: { app: 1, sys: 0, net: 0 }, trace: 4 };
const all: Ask = (_, rows) => of({ rows: rows.map(() => split), notices: [] });

// What was answered is kept by data source: each test has its own.
let uid = 0;
beforeEach(() => {
  vi.useFakeTimers();
  uid++;
});
afterEach(() => vi.useRealTimers());

const store = (ask: Ask, of: 'trace' | 'request' = 'trace') => {
  const asked = vi.fn(ask);
  return { asked, store: new LayerStore(`uid${uid}`, of, asked) };
};
const settle = () => vi.runAllTimers();

describe('the layers of rows', () => {
  it('are asked for together, after the scrolling, and once', () => {
    const { asked, store: s } = store(all);
    s.want([row(1)]);
    s.want([row(1), row(2), row(2)]);
    expect(asked).not.toHaveBeenCalled();
    settle();
    expect(asked.mock.calls).toEqual([['trace', [{ trace: 't1', span: 's1' }, { trace: 't2', span: 's2' }]]]);
    expect(s.get(row(2))).toEqual(split);
    s.want([row(1), row(2)]);
    settle();
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('come in batches, and what is in view now before what was', () => {
    const answers: Array<Subject<LayersAnswer>> = [];
    const { asked, store: s } = store(() => {
      answers.push(new Subject());
      return answers.at(-1)!;
    });
    s.want(Array.from({ length: 250 }, (_, n) => row(n)));
    settle();
    expect(asked.mock.calls[0][1]).toHaveLength(BATCH);
    s.want([row(240), row(241)]);
    answers[0].next({ rows: asked.mock.calls[0][1].map(() => split), notices: [] });
    expect(asked.mock.calls[1][1].map((r) => r.trace)).toEqual(['t240', 't241']);
  });

  it('of what did not fit into an answer are asked for again', () => {
    let n = 0;
    const { asked, store: s } = store((_, rows) => of({ rows: rows.map((_, i) => (n++ < 2 || i === 0 ? split : { ...split, later: true })), notices: ['a limit'] }));
    s.want([row(1), row(2), row(3), row(4)]);
    settle();
    expect(asked.mock.calls.map((c) => c[1].length)).toEqual([4, 2, 1]);
    expect(s.missing).toBe(0);
    expect(s.notices).toEqual(['a limit']);
  });

  it('that nobody answers end with a message instead of going on', () => {
    const { asked, store: s } = store(() => of({ rows: [], notices: [] }));
    s.want([row(1)]);
    settle();
    expect(asked).toHaveBeenCalledTimes(1);
    expect(s.error).toContain('no row');
  });

  it('are a failure until somebody tries again', () => {
    let fails = true;
    const { asked, store: s } = store((o, rows) => (fails ? throwError(() => ({ data: { message: 'the store is away' } })) : all(o, rows)));
    const heard = vi.fn();
    s.subscribe(heard);
    s.want([row(1)]);
    settle();
    s.want([row(1)]);
    settle();
    expect([asked.mock.calls.length, s.error]).toEqual([1, 'the store is away']);
    expect(heard).toHaveBeenCalled();
    fails = false;
    s.retry();
    expect([s.error, s.get(row(1))]).toEqual(['', split]);
  });

  it('that a trace did not have are asked for again at a refresh', () => {
    const { asked, store: s } = store((_, rows) => of({ rows: rows.map(() => ({ ...split, reason: 'not stored' })), notices: [] }));
    for (const times of [1, 2]) {
      s.refresh();
      s.want([row(1)]);
      settle();
      s.want([row(1)]);
      settle();
      expect(asked).toHaveBeenCalledTimes(times);
    }
  });

  it('of a trace that may still grow are asked for again at a refresh, older ones not', () => {
    vi.setSystemTime(100_000);
    const { asked, store: s } = store(all);
    const rows = [row(1, 0), row(2, 90_000)];
    s.want(rows);
    settle();
    s.refresh();
    s.want(rows);
    settle();
    expect(asked.mock.calls.map((c) => c[1].map((r) => r.trace))).toEqual([['t1', 't2'], ['t2']]);
  });

  it('are kept apart for traces and for requests in them', () => {
    const trace = store(all);
    trace.store.want([row(1), { ...row(2), trace: 't1' }]);
    const request = store(all, 'request');
    request.store.want([row(1), { ...row(2), trace: 't1' }]);
    settle();
    expect(trace.asked.mock.calls[0][1]).toHaveLength(1);
    expect(request.asked.mock.calls[0][1]).toHaveLength(2);
  });

  it('are not waited for when the list goes', () => {
    const gone = vi.fn();
    const { store: s } = store(() => new Observable(() => gone));
    s.want([row(1)]);
    settle();
    s.stop();
    expect(gone).toHaveBeenCalledTimes(1);
  });
});
