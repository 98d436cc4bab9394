import React from 'react';
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { paletteFor } from '../canvas/theme';
import { analyse } from '../trace/analysis';
import { rowOf, webshop, webshopRows } from '../trace/fixture';
import { quicker } from '../trace/fixture/quicker';
import { shape } from '../trace/fixture/shapes';
import { readTrace } from '../trace/frame';
import { formatTime } from '../trace/format';
import { accountOf } from '../trace/parts';
import { Explorer, type ExplorerProps } from './Explorer';

const analysis = analyse(webshop());
const idOf = (id: number) => analysis.trace.text.id[rowOf(analysis.trace, id)];

// jsdom has no canvas; what is drawn is looked at in a browser.
beforeEach(() => vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null));
afterEach(cleanup);

function show(props: Partial<ExplorerProps> = {}) {
  const onSelect = vi.fn();
  const view = render(<Explorer analysis={analysis} palette={paletteFor(true)} spanId="" onSelect={onSelect} {...props} />);
  return { ...view, onSelect };
}

describe('the header', () => {
  it('counts the spans and says where the time went', () => {
    show();
    expect(screen.getByTestId('counts').textContent).toBe('100 spans: 46 APP, 20 SYS, 34 NET');
    expect(screen.getByTestId('sentence').textContent).toContain('204 ms of 443 ms: network, wire node0 → node2 (IPIP), POST /orders');
    expect(screen.getByText('2 of 99 links inferred')).toBeTruthy();
  });

  it('goes to the first match though Enter came before the search had an answer', async () => {
    const { onSelect } = show();
    const box = screen.getByLabelText('Find spans');
    act(() => {
      // Both in one turn, as fast fingers do.
      fireEvent.change(box, { target: { value: 'OrderService.place' } });
      fireEvent.keyDown(box, { key: 'Enter' });
    });
    await vi.waitFor(() => expect(onSelect).toHaveBeenLastCalledWith(idOf(61)));
    expect(onSelect).toHaveBeenCalledTimes(1);
  });
});

describe('compare', () => {
  const compareWith = (other: typeof analysis) => {
    const view = show({ comparable: { other } });
    fireEvent.click(screen.getByRole('tab', { name: 'Compare' }));
    return view;
  };

  it('lists the layers that are in one of the two, of code alone no others', () => {
    const other = shape('three-0');
    show({ analysis: shape('nplus1-0'), comparable: { other } });
    fireEvent.click(screen.getByRole('tab', { name: 'Compare' }));
    const rows = within(screen.getByRole('table', { name: 'Difference by layer' })).getAllByRole('row').slice(1, -1);
    expect(rows.map((row) => row.firstElementChild!.textContent)).toEqual(['Code', 'Waiting']);
  });

  it('says what was slower, and where, and lists it first', () => {
    compareWith(analyse(readTrace(quicker(webshopRows()))));
    expect(screen.getByTestId('compared').textContent).toContain('204 ms slower: 204 ms of it network, wire node0 → node2 (IPIP), POST /orders');
    const [, first] = within(screen.getByRole('table', { name: 'Difference by span or hop' })).getAllByRole('row');
    expect(first.textContent).toBe('web-shop → svc-order · POST /orders · c-nd258 µs204 ms▲ +204 ms');
    const total = within(screen.getByRole('table', { name: 'Difference by layer' })).getAllByRole('row').at(-1)!;
    expect(total.textContent).toBe('All together240 ms443 ms+204 ms');
  });

  it('is with the usual of its kind where nothing else was chosen', () => {
    const frame = webshopRows();
    const usual = { '|POST /orders|c-nd': 153_000_000, '|POST /orders|s-nd': 152_820_000 };
    show({ analysis: analyse(readTrace({ ...frame, meta: { custom: { ...frame.meta!.custom, usual } } })) });
    fireEvent.click(screen.getByRole('tab', { name: 'Compare' }));
    expect(screen.getByTestId('compared').textContent).toContain('204 ms slower: 204 ms of it network');
    expect(screen.getByTestId('compared').textContent).toContain('usually 240 ms by the medians of 46.0% of its time; the rest is taken as usual');
  });

  it('offers recent traces of the same request, the fastest first', async () => {
    const open = vi.fn();
    const recent = vi.fn().mockResolvedValue([
      { id: 'slow', name: 'GET /full-test', start: 0, duration: 9e6, failed: true },
      { id: 'fast', name: 'GET /full-test', start: 0, duration: 5e6, failed: false },
    ]);
    show({ comparable: { other: null, open, recent } });
    fireEvent.click(screen.getByRole('tab', { name: 'Compare' }));
    const list = await screen.findByRole('option', { name: '2 recent of this request, the fastest first' });
    expect(recent).toHaveBeenCalledWith(expect.objectContaining({ id: analysis.trace.meta.traceId, name: 'GET /full-test' }));
    expect([...list.parentElement!.querySelectorAll('option')].map((o) => o.value)).toEqual(['', 'fast', 'slow']);
    fireEvent.change(list.parentElement!, { target: { value: 'fast' } });
    expect(open).toHaveBeenCalledWith('fast');
  });
});

describe('the selected span', () => {
  it('comes from outside and shows the link’s reason, behind the picture', async () => {
    show({ spanId: idOf(97) });
    expect(screen.queryByTestId('link')).toBeNull();
    const link = await screen.findByTestId('link');
    expect(within(link).getByText('inferred')).toBeTruthy();
    expect(link.textContent).toContain('deepest span that covers its first write');
    expect(link.textContent).toContain('StockClient.reserve');
  });

  it('is told when the user goes to the parent, and when it is closed', async () => {
    const { onSelect } = show({ spanId: idOf(97) });
    fireEvent.click(within(await screen.findByTestId('link')).getByRole('button'));
    expect(onSelect).toHaveBeenLastCalledWith(idOf(89));
    fireEvent.click(screen.getByLabelText('Close'));
    expect(onSelect).toHaveBeenLastCalledWith('');
  });

  it('asks for its details by id and Unix start', async () => {
    const loadDetails = vi.fn().mockResolvedValue({ attributes: [{ key: 'http.route', value: '/orders', type: 'string' }] });
    show({ spanId: idOf(59), loadDetails });
    expect((await screen.findByTestId('details')).textContent).toContain('/orders');
    const start = BigInt(analysis.trace.meta.startNs) + BigInt(analysis.trace.start[rowOf(analysis.trace, 59)]);
    expect(loadDetails).toHaveBeenCalledWith(idOf(59), String(start));
  });

  it('is asked for once, whatever its colour and however often the trace is read', async () => {
    const loadDetails = vi.fn().mockResolvedValue({ attributes: [] });
    const { rerender, onSelect } = show({ spanId: idOf(59), loadDetails });
    fireEvent.click(screen.getByRole('button', { name: 'View ▾' }));
    fireEvent.change(screen.getByLabelText('Colour by'), { target: { value: 'node' } });
    rerender(<Explorer analysis={analyse(webshop())} palette={paletteFor(true)} spanId={idOf(59)} onSelect={onSelect} loadDetails={loadDetails} />);
    await screen.findByTestId('details');
    expect(loadDetails).toHaveBeenCalledTimes(1);
  });

  it('says so when details cannot be read', async () => {
    show({ spanId: idOf(59), loadDetails: () => Promise.reject(new Error('the server is gone')) });
    expect((await screen.findByRole('alert')).textContent).toContain('the server is gone');
  });
});

describe('keys', () => {
  it('walk the tree, and Esc goes back', () => {
    const { onSelect, container } = show();
    const canvas = container.querySelector('canvas')!;
    fireEvent.keyDown(canvas, { key: 'ArrowDown' });
    expect(onSelect).toHaveBeenLastCalledWith(idOf(1));
    fireEvent.keyDown(canvas, { key: 'ArrowDown' });
    expect(onSelect).toHaveBeenLastCalledWith(idOf(2));
    fireEvent.keyDown(canvas, { key: 'Escape' });
    expect(onSelect).toHaveBeenLastCalledWith('');
  });

  it('typed into the search box are text', () => {
    const { onSelect } = show();
    const box = screen.getByLabelText('Find spans');
    fireEvent.change(box, { target: { value: 'inferred' } });
    expect(screen.getByText('2 of 100')).toBeTruthy();
    fireEvent.keyDown(box, { key: 'Enter' });
    fireEvent.keyDown(box, { key: 'Enter' });
    expect(onSelect).toHaveBeenLastCalledWith(idOf(97));
    fireEvent.keyDown(box, { key: 'c' });
    expect(screen.getByText('Critical').getAttribute('aria-pressed')).toBe('false');
  });
});

describe('views', () => {
  it('are the waterfall as a real table, services, the hop path and JSON', () => {
    show();
    fireEvent.click(screen.getByRole('tab', { name: 'Waterfall' }));
    expect(screen.getByRole('treegrid', { name: 'Spans' }).getAttribute('aria-rowcount')).toBe('77');
    fireEvent.click(screen.getByRole('tab', { name: 'Services' }));
    expect(screen.getByText(/add up to 443 ms exactly/)).toBeTruthy();
    fireEvent.click(screen.getByRole('tab', { name: 'Hop path' }));
    expect(screen.getByText('10 calls, most time on the way first')).toBeTruthy();
    fireEvent.click(screen.getByRole('tab', { name: 'JSON' }));
    expect(screen.getByText(/"observation_point": "c-p"/)).toBeTruthy();
  });
});

it('says what is missing of a partial trace, and what the server left out', () => {
  const { container } = show({ analysis: analyse(webshop(new Set([56, 57, 58, 88, 89, 93]))) });
  expect(screen.getByRole('status').textContent).toContain('node2 lost 312 events');
  const remarks = [...container.querySelectorAll('.tl-remark')].map((remark) => remark.textContent);
  expect(remarks.slice(0, 2)).toEqual(['◌Partial4 hops were not seen', '◌Partial2 subtrees have no parent: their callers\' spans are missing']);
});

it('splits the time of a subtree that is shown alone', () => {
  const { container } = show({ spanId: idOf(61) });
  fireEvent.keyDown(container.querySelector('canvas')!, { key: 'f' });
  expect(screen.getByText(/In the subtree’s 151 ms/)).toBeTruthy();
  expect(screen.getByTestId('sentence').textContent).toContain('of 151 ms');
});

describe('the menus', () => {
  it('colour by another field and leave out a service', () => {
    show();
    fireEvent.click(screen.getByRole('button', { name: 'View ▾' }));
    fireEvent.change(screen.getByLabelText('Colour by'), { target: { value: 'node' } });
    expect(within(screen.getByLabelText('Share by layer and node; press to filter')).getByTitle(/^Code, node1/)).toBeTruthy();
    fireEvent.click(screen.getByRole('checkbox', { name: /svc-order/ }));
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' });
    expect(screen.queryByRole('dialog')).toBeNull();
    fireEvent.click(screen.getByRole('tab', { name: 'Waterfall' }));
    const table = within(screen.getByRole('treegrid'));
    expect(table.queryByText('OrderService.place')).toBeNull();
    expect(table.getByText('ShopController.fullTest')).toBeTruthy();
  });

  it('copy a link to the selected span', async () => {
    const writeText = vi.fn().mockResolvedValue(undefined);
    Object.assign(navigator, { clipboard: { writeText } });
    show({ spanId: idOf(61), timeRange: { from: 1, to: 2 } });
    fireEvent.click(screen.getByRole('button', { name: 'Export ▾' }));
    fireEvent.click(screen.getByRole('button', { name: /Copy link to this span/ }));
    expect(await screen.findByText('Link copied')).toBeTruthy();
    const params = new URL(writeText.mock.calls[0][0]).searchParams;
    expect([params.get('var-trace_id'), params.get('var-span_id'), params.get('to')]).toEqual([analysis.trace.meta.traceId, idOf(61), '2']);
  });
});

describe('the services', () => {
  const heads = () => screen.getAllByRole('columnheader').map((head) => head.textContent);

  it('have a column for each layer that was looked at', () => {
    show();
    fireEvent.click(screen.getByRole('tab', { name: 'Services' }));
    expect(heads()).toEqual(['Service', 'Held the time for', 'Visits', 'Total', 'Own', 'Code', 'Waiting', 'Kernel + queue', 'Network', 'Spans A / S / N', 'Errors']);
  });

  it('have none for kernel and network where code alone was seen', () => {
    show({ analysis: shape('three-0') });
    fireEvent.click(screen.getByRole('tab', { name: 'Services' }));
    expect(heads()).toEqual(['Service', 'Held the time for', 'Visits', 'Total', 'Own', 'Code', 'Waiting', 'Spans', 'Errors']);
    expect(screen.getByText(/Held times are disjoint/).textContent).not.toContain('Network');
  });
});

it('marks the time of the selected span, and splits it exactly', () => {
  const { container } = show({ spanId: idOf(61) });
  fireEvent.keyDown(container.querySelector('canvas')!, { key: 'm' });
  expect(screen.getByText('In the marked 151 ms')).toBeTruthy();
  expect(screen.getByTestId('range').textContent).toContain('to 435 ms');
  fireEvent.click(screen.getByLabelText('Take the marked range away'));
  expect(screen.queryByTestId('range')).toBeNull();
});

it('has chips that are the parts the sentence is made from', () => {
  const { container } = show();
  const chips = [...container.querySelectorAll('.tl-chip')].map((chip) => chip.textContent);
  const [largest] = accountOf(analysis, analysis.holders, analysis.trace.main).parts;
  expect(chips[0]).toBe(`${formatTime(largest.time)}${largest.text}`);
  expect(screen.getByTestId('sentence').textContent).toContain(largest.text);
});

it('has one tab stop for its views, and arrows among them', () => {
  show();
  const tabs = () => screen.getAllByRole('tab');
  const stops = () => tabs().filter((tab) => tab.tabIndex === 0).map((tab) => tab.textContent);
  expect(stops()).toEqual(['Flame']);
  fireEvent.keyDown(tabs()[0], { key: 'ArrowLeft' });
  expect(stops()).toEqual(['JSON']);
  expect(document.activeElement?.textContent).toBe('JSON');
  fireEvent.keyDown(document.activeElement!, { key: 'Home' });
  fireEvent.keyDown(document.activeElement!, { key: 'ArrowRight' });
  expect(stops()).toEqual(['Waterfall']);
  expect(document.getElementById(tabs()[1].getAttribute('aria-controls')!)?.getAttribute('role')).toBe('tabpanel');
});

it('goes through the events of the selected span, and says each', () => {
  const frame = webshopRows();
  const row = rowOf(analysis.trace, 61);
  const events = Array.from({ length: 100 }, (_, i) => (i === row ? '[{"t":1000,"name":"retry","attributes":{"attempt":2}},{"t":2000,"name":"gave up"}]' : ''));
  const { container } = show({ analysis: analyse(readTrace({ ...frame, fields: [...frame.fields, { name: 'events', values: events }] })), spanId: idOf(61) });
  const said = () => container.querySelector('.tl > [aria-live]')!.textContent;
  expect(said()).toContain('2 events, E goes to them');
  fireEvent.keyDown(container.querySelector('canvas')!, { key: 'e' });
  expect(said()).toBe('event 1 of 2: retry, +1.00 µs after the span’s start, attempt 2');
  fireEvent.keyDown(container.querySelector('canvas')!, { key: 'e' });
  expect(said()).toContain('event 2 of 2: gave up');
  fireEvent.keyDown(container.querySelector('canvas')!, { key: 'E', shiftKey: true });
  expect(said()).toContain('event 1 of 2');
  fireEvent.keyDown(container.querySelector('canvas')!, { key: 'ArrowUp' });
  expect(said()).toContain('span');
});

describe('colour by an attribute', () => {
  const choose = async (attributes: ExplorerProps['attributes']) => {
    const view = show({ attributes });
    fireEvent.click(screen.getByRole('button', { name: 'View ▾' }));
    await screen.findByRole('option', { name: 'http.route' });
    fireEvent.change(screen.getByLabelText('Colour by'), { target: { value: 'http.route' } });
    return view;
  };

  it('asks for its values, and colours and splits by them', async () => {
    const values = vi.fn().mockResolvedValue({ [idOf(87)]: '/items', [idOf(61)]: '/orders' });
    await choose({ keys: async () => ['http.route'], values });
    expect(await screen.findByTitle(/^Code, \/items: 47.2 ms/)).toBeTruthy();
    expect(screen.getByTitle(/^Code, \/orders: /)).toBeTruthy();
    expect(values).toHaveBeenCalledExactlyOnceWith('http.route');
  });

  it('asks again only for spans that a refresh brings, and keeps its colours', async () => {
    const values = vi.fn().mockResolvedValue({ [idOf(61)]: '/orders' });
    const { rerender } = await choose({ keys: async () => ['http.route'], values });
    await screen.findByTitle(/^Code, \/orders: /);
    const attributes = { keys: async () => ['http.route'], values };
    rerender(<Explorer analysis={analyse(webshop())} palette={paletteFor(true)} spanId="" onSelect={vi.fn()} attributes={attributes} />);
    expect(screen.getByTitle(/^Code, \/orders: /)).toBeTruthy();
    expect(values).toHaveBeenCalledOnce();
  });

  it('says why where it cannot be read, and stays as it was', async () => {
    await choose({ keys: async () => ['http.route'], values: () => Promise.reject(new Error('store: timeout')) });
    expect((await screen.findByRole('alert')).textContent).toBe('Attributes could not be read: store: timeout');
    expect(screen.getByTitle(/^Code, svc-item: /)).toBeTruthy();
  });
});
