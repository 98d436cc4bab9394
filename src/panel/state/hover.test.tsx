// The pointer moves more often than anything else: what it is on is drawn by the graph and
// its tooltip alone, whatever else is on screen.
import React from 'react';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { paletteFor } from '../../canvas/theme';
import { analyse } from '../../trace/analysis';
import { rowOf, webshop } from '../../trace/fixture';
import { Explorer } from '../Explorer';

/** How often anything in each view was drawn, and each view as it is, counted. */
const { drawn, counted } = vi.hoisted(() => {
  const times = new Map<string, number>();
  const wrap = (name: string) => async (original: () => Promise<unknown>) => {
    const module = (await original()) as Record<string, React.FC<object>>;
    const { createElement, Profiler } = await import('react');
    const onRender = () => void times.set(name, (times.get(name) ?? 0) + 1);
    return { ...module, [name]: (props: object) => createElement(Profiler, { id: name, onRender }, createElement(module[name], props)) };
  };
  return { drawn: times, counted: wrap };
});
vi.mock('../Drawer', counted('Drawer'));
vi.mock('../FlameView', counted('FlameView'));
vi.mock('../header/Header', counted('Header'));
vi.mock('../ServicesView', counted('ServicesView'));
vi.mock('../Toolbar', counted('Toolbar'));
vi.mock('../Waterfall', counted('Waterfall'));

const analysis = analyse(webshop());

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null); // jsdom has none
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(800);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const show = async () => {
  render(<Explorer analysis={analysis} palette={paletteFor(true)} spanId={analysis.trace.text.id[rowOf(analysis.trace, 61)]} onSelect={vi.fn()} />);
  fireEvent.keyDown(screen.getByRole('region', { name: 'Trace' }), { key: 'b' }); // flame graph and waterfall
  await screen.findByLabelText('Details of the selected span');
};
const layer = (name: string) => screen.getAllByTitle('Show only what this layer held').find((button) => button.textContent?.includes(name))!;

it('draws the graph alone when the pointer is on a layer of the header', async () => {
  await show();
  expect(screen.getByRole('treegrid', { name: 'Spans' })).toBeTruthy();
  drawn.clear();
  fireEvent.mouseEnter(layer('Network'));
  fireEvent.mouseLeave(layer('Network'));
  expect([...drawn]).toEqual([['FlameView', 2]]);
});

it('draws the graph’s tooltip alone when the pointer moves over it', async () => {
  await show();
  drawn.clear();
  for (let x = 0; x < 1000; x += 50) {
    fireEvent(screen.getByTestId('throughline-flame'), new MouseEvent('pointermove', { clientX: x, clientY: 160, bubbles: true }));
  }
  expect(screen.getByRole('tooltip')).toBeTruthy();
  expect([...drawn.keys()]).toEqual(['FlameView']);
});

it('draws no list when the pointer is on a layer of the header', async () => {
  await show();
  fireEvent.click(screen.getByRole('tab', { name: 'Services' }));
  drawn.clear();
  fireEvent.mouseEnter(layer('Network'));
  expect([...drawn]).toEqual([]);
});
