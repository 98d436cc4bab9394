// The panel inside Grafana's packages: the frame as the datasource sends it, the states of
// a query, and the dashboard variable.
import React from 'react';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { createDataFrame, EventBusSrv, FieldType, getDefaultTimeRange, LoadingState, type DataFrame, type PanelProps } from '@grafana/data';
import { type DataSourceSrv, locationService, setDataSourceSrv } from '@grafana/runtime';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { webshopRows } from '../trace/fixture';
import type { PanelOptions } from './options';
import { TracePanel } from './TracePanel';

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
  locationService.replace('/d/Distributed_Tracing');
});
afterEach(cleanup);

const frameOf = (): DataFrame => {
  const { fields, meta } = webshopRows();
  const type = (v: unknown) => (typeof v === 'number' ? FieldType.number : typeof v === 'boolean' ? FieldType.boolean : FieldType.string);
  return createDataFrame({ fields: fields.map((f) => ({ name: f.name, type: type(f.values[0]), values: Array.from(f.values) })), meta });
};

const panel = (data: Partial<PanelProps['data']>, options: PanelOptions = {}) => {
  const props = {
    id: 7,
    data: { state: LoadingState.Done, series: [], timeRange: getDefaultTimeRange(), ...data },
    width: 1200,
    height: 700,
    options,
    eventBus: new EventBusSrv(),
    replaceVariables: (text: string) => text,
  };
  return <TracePanel {...(props as unknown as PanelProps<PanelOptions>)} />;
};
const show = (data: Partial<PanelProps['data']>, options?: PanelOptions) => render(panel(data, options));

it('draws the frame of the reference trace', () => {
  show({ series: [frameOf()] });
  expect(screen.getByTestId('counts').textContent).toBe('100 spans: 46 APP, 20 SYS, 34 NET');
});

it('finds the trace among other frames', () => {
  show({ series: [createDataFrame({ fields: [{ name: 'value', type: FieldType.number, values: [1] }] }), frameOf()] });
  expect(screen.getByTestId('counts')).toBeTruthy();
});

it('has its first selection from the variable span_id and writes it without a step in the history', async () => {
  const id = String(webshopRows().fields[0].values[10]);
  locationService.partial({ 'var-span_id': id }, true);
  show({ series: [frameOf()] });
  expect((await screen.findByLabelText('Details of the selected span')).textContent).toContain(id);
  const steps = locationService.getHistory().length;
  fireEvent.click(screen.getByLabelText('Close'));
  expect(locationService.getSearchObject()['var-span_id']).toBe('');
  expect(locationService.getHistory().length).toBe(steps);
  expect(screen.queryByLabelText('Details of the selected span')).toBeNull();
});

it('says that it is loading, that nothing is selected, that nothing was found, and what failed', () => {
  show({ state: LoadingState.Loading });
  expect(screen.getByRole('status').textContent).toBe('Looking for spans');
  cleanup();
  show({});
  expect(screen.getByText('No trace selected')).toBeTruthy();
  cleanup();
  show({ state: LoadingState.Error, errors: [{ message: 'store: timeout after 30 s' }] });
  expect(screen.getByRole('alert').textContent).toContain('store: timeout after 30 s');
});

it('says of data that are no trace what they are', () => {
  show({ series: [createDataFrame({ fields: [{ name: 'value', type: FieldType.number, values: [1, 2] }] })] });
  expect(screen.getByRole('alert').textContent).toContain('The query answered 2 rows of value.');
  expect(screen.queryByText('No trace selected')).toBeNull();
});

it('keeps the picture of the last trace while the next one loads', () => {
  show({ state: LoadingState.Loading, series: [frameOf()] });
  expect(screen.getByTestId('counts')).toBeTruthy();
});

it('compares with the second trace among its queries', () => {
  show({ series: [frameOf(), frameOf()] });
  fireEvent.click(screen.getByRole('tab', { name: 'Compare' }));
  expect(screen.getByTestId('compared').textContent).toContain('No difference: every part took as long This trace 443 ms, the other 443 ms.');
});

it('shows times by each node’s clock where asked', () => {
  const frame = frameOf();
  frame.meta!.custom!.offsets = { node0: 0, node1: 5e6, node2: 0 };
  show({ series: [frame] });
  const start = () => screen.getByTestId('counts').ownerDocument.body.textContent;
  fireEvent.click(screen.getByRole('button', { name: 'View ▾' }));
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'As each node told' }).checked).toBe(true);
  fireEvent.click(screen.getByRole('radio', { name: 'Aligned' }));
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Aligned' }).checked).toBe(true);
  expect(start()).toContain('node1 is 5.00 ms ahead');
});

/** The same trace, as a refresh brings it: one span more, before all others. */
const withOneMore = (frame: DataFrame): DataFrame => {
  const first: Record<string, unknown> = { id: 'ffff000000000001', parentIdx: -1, source: 'APP', point: 'app', name: 'came late' };
  return createDataFrame({
    ...frame,
    fields: frame.fields.map((f) => ({ ...f, values: [first[f.name] ?? (f.type === FieldType.number ? 0 : ''), ...f.values.map((v) => (f.name === 'parentIdx' && v >= 0 ? v + 1 : v))] })),
  });
};

it('loses nothing when a refresh brings one span more', async () => {
  const frame = frameOf();
  const id = String(frame.fields[0].values[61]);
  locationService.partial({ 'var-span_id': id }, true);
  const { rerender } = show({ series: [frame] });
  fireEvent.click(screen.getByRole('tab', { name: 'Waterfall' }));
  fireEvent.change(screen.getByLabelText('Find spans'), { target: { value: 'order' } });
  fireEvent.keyDown(screen.getByRole('treegrid'), { key: 'm' });
  const kept = () => [
    screen.getByRole('tab', { selected: true }).textContent,
    screen.getByLabelText<HTMLInputElement>('Find spans').value,
    screen.getByTestId('range').textContent,
    screen.getByTestId('link').textContent,
  ];
  await screen.findByTestId('link');
  const before = kept();
  rerender(panel({ series: [withOneMore(frame)] }));
  expect(screen.getByTestId('counts').textContent).toContain('101 spans');
  expect(kept()).toEqual(before);
});

it('keeps what is chosen in the address, and takes it from there', () => {
  show({ series: [frameOf()] });
  fireEvent.click(screen.getByRole('tab', { name: 'Services' }));
  fireEvent.click(screen.getByRole('button', { name: '+ SYS' }));
  expect(locationService.getSearchObject()['tl-7']).toBe('tab:services;layers:app,sys');
  cleanup(); // as when the page is loaded anew
  show({ series: [frameOf()] });
  expect(screen.getByRole('tab', { selected: true }).textContent).toBe('Services');
  expect(screen.getByRole('button', { name: '+ SYS' }).getAttribute('aria-pressed')).toBe('true');
  fireEvent.click(screen.getByRole('button', { name: 'All' }));
  fireEvent.click(screen.getByRole('tab', { name: 'Flame' }));
  expect('tl-7' in locationService.getSearchObject()).toBe(false);
});

it('begins as its options say, and says so when they change', () => {
  const frame = frameOf();
  const { rerender } = show({ series: [frame] }, { view: 'waterfall', layers: 'app' });
  expect(screen.getByRole('tab', { selected: true }).textContent).toBe('Waterfall');
  expect(screen.getByRole('button', { name: 'APP' }).getAttribute('aria-pressed')).toBe('true');
  expect('tl-7' in locationService.getSearchObject()).toBe(false);
  rerender(panel({ series: [frame] }, { view: 'services' }));
  expect(screen.getByRole('tab', { selected: true }).textContent).toBe('Services');
});

it('keeps what is chosen when a link to another trace says nothing of it', () => {
  show({ series: [frameOf()] });
  fireEvent.click(screen.getByRole('tab', { name: 'Services' }));
  act(() => locationService.push('/d/Distributed_Tracing?var-trace_id=other'));
  expect(screen.getByRole('tab', { selected: true }).textContent).toBe('Services');
  expect(locationService.getSearchObject()['tl-7']).toBe('tab:services');
});

describe('where its data source is not there, as in a snapshot', () => {
  beforeEach(() => setDataSourceSrv({ getInstanceSettings: () => undefined, getList: () => [], get: () => Promise.reject(new Error('Datasource throughline was not found')) } as unknown as DataSourceSrv));
  afterEach(() => setDataSourceSrv(undefined as unknown as DataSourceSrv));

  it('shows the trace, says what cannot be shown, and asks nobody', async () => {
    const frame = frameOf();
    frame.meta!.custom!.datasource = 'throughline';
    locationService.partial({ 'var-span_id': String(frame.fields[0].values[61]) }, true);
    show({ series: [frame] });
    expect(screen.getByTestId('counts').textContent).toContain('100 spans');
    expect(screen.getByRole('note').textContent).toContain('This trace alone was kept');
    expect(await screen.findByLabelText('Details of the selected span')).toBeTruthy();
    fireEvent.click(screen.getByRole('tab', { name: 'Compare' }));
    expect(screen.getByText('No second trace')).toBeTruthy();
  });
});
