// The panel inside Grafana's packages: the states of a query, the question for layers, and
// where a row leads.
import React from 'react';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { createDataFrame, FieldType, getDefaultTimeRange, LoadingState, type DataFrame, type Field, type LinkModel, type PanelProps } from '@grafana/data';
import { type BackendSrv, type DataSourceSrv, locationService, RefreshEvent, setBackendSrv, setDataSourceSrv } from '@grafana/runtime';
import { Observable, Subject } from 'rxjs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LayersAnswer, RowLayers } from './layers';
import { RequestsPanel, type RequestsOptions } from './RequestsPanel';

const fetch = vi.fn();
let answer: Subject<{ data: LayersAnswer }>;
// What was answered is kept by data source: each test has its own.
let uid = 0;

beforeEach(() => {
  vi.useFakeTimers();
  uid++;
  answer = new Subject();
  fetch.mockReset().mockReturnValue(answer);
  setBackendSrv({ fetch } as unknown as BackendSrv);
  locationService.replace('/d/Distributed_Tracing');
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const split: RowLayers = {
  duration: 10e6, layers: { code: 5e6, kernel: 2e6, network: 3e6, not_seen: 0 }, counts: { app: 46, sys: 20, net: 34 }, trace: 10e6,
  services: [{ service: 'web', code: 5e6, kernel: 2e6 }], names: ['web'], sentence: '5.00 ms of 10.0 ms: code of web',
};

function frameOf(rows: number, links?: (field: string, row: number) => Array<Partial<LinkModel>>, scope = 'roots'): DataFrame {
  const column = (name: string, type: FieldType, value: (i: number) => unknown): Partial<Field> & { name: string; type: FieldType; values: unknown[] } => ({
    name, type, values: Array.from({ length: rows }, (_, i) => value(i)), getLinks: ({ valueRowIndex = 0 }) => (links?.(name, valueRowIndex) ?? []) as LinkModel[],
  });
  const frame = createDataFrame({
    meta: { custom: { throughline: 'requests', scope, datasource: `uid${uid}` } },
    fields: [
      column('start', FieldType.time, (i) => 1_700_000_000_000 - i * 1000), column('service', FieldType.string, () => 'web'), column('request', FieldType.string, (i) => `GET /${i}`),
      column('duration', FieldType.number, () => 9e6), column('status', FieldType.string, (i) => (i === 1 ? 'server error' : 'ok')), column('code', FieldType.number, () => 200),
      column('client', FieldType.string, () => 'hey'), column('trace', FieldType.string, (i) => `trace${i}`), column('span', FieldType.string, (i) => `span${i}`),
    ],
  });
  return frame;
}

const panel = (data: Partial<PanelProps['data']>, more = {}) => {
  const props = {
    ...more,
    data: { state: LoadingState.Done, series: [], timeRange: getDefaultTimeRange(), ...data },
    width: 1200, height: 400, options: {}, timeZone: 'utc', replaceVariables: (text: string) => text,
  };
  return <RequestsPanel {...(props as unknown as PanelProps<RequestsOptions>)} />;
};
const show = (data: Partial<PanelProps['data']>) => render(panel(data));

const rows = () => screen.getAllByRole('row').slice(1);
const reply = (layers: (i: number) => RowLayers, notices: string[] = []) =>
  act(() => {
    vi.runAllTimers();
    const { rows } = fetch.mock.calls.at(-1)![0].data;
    answer.next({ data: { rows: rows.map((_: unknown, i: number) => layers(i)), notices } });
  });

it('says that it is loading, that there is nothing, what failed, and what it cannot show', () => {
  show({ state: LoadingState.Loading });
  expect(screen.getByRole('status', { name: 'Looking for requests' })).toBeTruthy();
  cleanup();
  show({ series: [frameOf(0)] });
  expect(screen.getByText('No rows')).toBeTruthy();
  cleanup();
  const eventBus = { publish: vi.fn() };
  render(panel({}, { eventBus }));
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(screen.getByRole('alert').textContent).toContain('cancelled before it was answered');
  expect(eventBus.publish).toHaveBeenCalledWith(expect.any(RefreshEvent));
  cleanup();
  show({ state: LoadingState.Error, errors: [{ message: 'the store is away' }] });
  expect(screen.getByRole('alert').textContent).toContain('the store is away');
  cleanup();
  show({ series: [createDataFrame({ fields: [{ name: 'value', type: FieldType.number, values: [1] }] })] });
  expect(screen.getByText('Not a search')).toBeTruthy();
});

it('keeps its rows when a refresh fails', () => {
  show({ state: LoadingState.Error, series: [frameOf(2)], errors: [{ message: 'too slow' }] });
  expect(rows()).toHaveLength(2);
});

it('has its rows at once, and their bars when the data source has answered', () => {
  show({ series: [frameOf(2)] });
  expect(rows().map((r) => r.textContent)).toEqual([expect.stringContaining('GET /0'), expect.stringContaining('GET /1')]);
  expect(rows()[0].textContent).toContain('9.00 ms');
  expect(screen.queryByRole('img')).toBeNull();
  reply((i) => (i === 0 ? split : { ...split, reason: '70000 spans: too many' }), ['One was left out.']);
  expect(fetch.mock.calls[0][0]).toMatchObject({
    url: `/api/datasources/uid/uid${uid}/resources/layers`, method: 'POST', showErrorAlert: false,
    data: { of: 'trace', rows: [{ trace: 'trace0', span: 'span0' }, { trace: 'trace1', span: 'span1' }] },
  });
  expect(screen.getByRole('img').getAttribute('aria-label')).toBe('Code 5.00 ms, 50.0%; Kernel + queue 2.00 ms, 20.0%; Network 3.00 ms, 30.0%');
  expect(rows()[0].textContent).toContain('10.0 ms');
  expect(rows()[0].textContent).toContain('A 46 S 20 N 34');
  expect(rows()[1].textContent).toContain('70000 spans: too many');
  expect(screen.getByRole('note').textContent).toBe('One was left out.');
});

it('asks about the requests themselves where they are no beginnings of traces', () => {
  show({ series: [frameOf(1, undefined, 'requests')] });
  act(() => void vi.runAllTimers());
  expect(fetch.mock.calls[0][0].data.of).toBe('request');
  expect(screen.getByRole('columnheader', { name: 'Where the request’s time went' })).toBeTruthy();
});

it('leads where the links of a row say, by pointer and by keyboard, and leaves other clicks to the browser', () => {
  show({ series: [frameOf(3, (field, i) => (field === 'trace' ? [] : [{ href: `/d/x?other=1&var-trace_id=trace${i}`, title: 'Show' }]))] });
  fireEvent.click(rows()[2]);
  expect(locationService.getSearchObject()).toEqual({ other: '1', 'var-trace_id': 'trace2' });
  expect(rows()[2].getAttribute('aria-selected')).toBe('true');
  fireEvent.click(screen.getByRole('link', { name: 'GET /1' }));
  expect(locationService.getSearchObject()['var-trace_id']).toBe('trace1');
  const grid = screen.getByRole('grid');
  act(() => grid.focus());
  fireEvent.keyDown(grid, { key: 'Home' });
  fireEvent.keyDown(grid, { key: 'Enter' });
  expect(locationService.getSearchObject()['var-trace_id']).toBe('trace0');
  const steps = locationService.getHistory().length;
  const click = new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey: true });
  act(() => void screen.getByRole('link', { name: 'GET /1' }).dispatchEvent(click));
  expect([click.defaultPrevented, locationService.getHistory().length]).toEqual([false, steps]);
});

it('follows the data’s own link where the panel has none, as in Explore', () => {
  const onClick = vi.fn();
  show({ series: [frameOf(1, (field) => (field === 'trace' ? [{ href: '', title: 'Show this trace', onClick }] : []))] });
  fireEvent.click(rows()[0]);
  expect(onClick).toHaveBeenCalledTimes(1);
});

it('is in order of a layer’s share, and shows it, while that layer is pressed', () => {
  show({ series: [frameOf(3)] });
  reply((i) => ({ ...split, duration: 10e6, layers: { code: 10e6 - i * 2e6, kernel: 0, network: i * 2e6, not_seen: 0 }, services: [] }));
  fireEvent.click(screen.getByRole('button', { name: 'Network' }));
  expect(rows().map((r) => /GET \/\d/.exec(r.textContent!)![0])).toEqual(['GET /2', 'GET /1', 'GET /0']);
  expect(rows()[0].textContent).toContain('40.0%');
  expect(screen.getByRole('columnheader', { name: 'Network ▾' }).getAttribute('aria-sort')).toBe('descending');
  fireEvent.click(screen.getByRole('button', { name: 'Network' }));
  expect(rows()[0].textContent).toContain('GET /0');
});

it('goes on asking for layers while the dashboard refreshes faster than they are answered', () => {
  let given = 0;
  fetch.mockReturnValue(new Observable((subscriber) => {
    given++;
    const inner = answer.subscribe(subscriber);
    return () => {
      given--;
      inner.unsubscribe();
    };
  }));
  const { rerender } = show({ series: [frameOf(2)] });
  act(() => void vi.runAllTimers());
  for (let k = 0; k < 3; k++) {
    rerender(panel({ series: [frameOf(2)] }));
    act(() => void vi.advanceTimersByTime(1000));
  }
  expect([fetch.mock.calls.length, given]).toEqual([1, 1]);
  act(() => answer.next({ data: { rows: [split, split], notices: [] } }));
  expect(rows()[0].querySelectorAll('.tr-bar i').length).toBeGreaterThan(0);
});

it('asks nobody and leads nowhere where its data source is not there, and says so', () => {
  setDataSourceSrv({ getInstanceSettings: () => undefined } as unknown as DataSourceSrv);
  try {
    show({ series: [frameOf(2, () => [{ href: '/d/x?var-trace_id=1', title: 'Show', target: undefined }])] });
    act(() => vi.advanceTimersByTime(5000));
    expect(fetch).not.toHaveBeenCalled();
    expect(screen.getByRole('note').textContent).toContain('the rows alone were kept');
    expect(screen.queryByRole('link')).toBeNull();
    fireEvent.click(rows()[1]);
    expect(locationService.getSearchObject()).toEqual({});
  } finally {
    setDataSourceSrv(undefined as unknown as DataSourceSrv);
  }
});
