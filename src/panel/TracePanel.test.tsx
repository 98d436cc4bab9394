// The panel inside Grafana's packages: the frame as the datasource sends it, the states of
// a query, and the dashboard variable.
import React from 'react';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { createDataFrame, EventBusSrv, FieldType, getDefaultTimeRange, LoadingState, type DataFrame, type PanelProps } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { webshopRows } from '../trace/fixture';
import { TracePanel, type PanelOptions } from './TracePanel';

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

function show(data: Partial<PanelProps['data']>) {
  const props = {
    data: { state: LoadingState.Done, series: [], timeRange: getDefaultTimeRange(), ...data },
    width: 1200,
    height: 700,
    options: {},
    eventBus: new EventBusSrv(),
    replaceVariables: (text: string) => text,
  };
  return render(<TracePanel {...(props as unknown as PanelProps<PanelOptions>)} />);
}

it('draws the frame of the reference trace', () => {
  show({ series: [frameOf()] });
  expect(screen.getByTestId('counts').textContent).toBe('100 spans: 46 APP, 20 SYS, 34 NET');
});

it('finds the trace among other frames', () => {
  show({ series: [createDataFrame({ fields: [{ name: 'value', type: FieldType.number, values: [1] }] }), frameOf()] });
  expect(screen.getByTestId('counts')).toBeTruthy();
});

it('has its first selection from the variable span_id and writes it without a step in the history', () => {
  const id = String(webshopRows().fields[0].values[10]);
  locationService.partial({ 'var-span_id': id }, true);
  show({ series: [frameOf()] });
  expect(screen.getByLabelText('Details of the selected span').textContent).toContain(id);
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
