// What is told under the pointer stays told.
import React from 'react';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { paletteFor } from '../canvas/theme';
import { analyse } from '../trace/analysis';
import { webshopRows } from '../trace/fixture';
import { readTrace } from '../trace/frame';
import { Explorer } from './Explorer';

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const explorer = (analysis: ReturnType<typeof analyse>) => <Explorer analysis={analysis} palette={paletteFor(true)} spanId="" onSelect={() => {}} />;
const read = () => analyse(readTrace(webshopRows()));
const tip = () => screen.queryByRole('tooltip')?.querySelector('h4')?.textContent;

it('stays at a refresh, and goes where the pointer does', () => {
  const { rerender, container } = render(explorer(read()));
  const canvas = container.querySelector('canvas')!;
  fireEvent(canvas, new MouseEvent('pointermove', { clientX: 500, clientY: 84 })); // jsdom's pointer events have no place
  const words = tip();
  expect(words).toContain('web-shop');
  rerender(explorer(read()));
  expect(tip()).toBe(words);
  fireEvent.pointerLeave(canvas);
  expect(tip()).toBeUndefined();
});
