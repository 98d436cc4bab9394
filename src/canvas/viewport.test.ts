import { expect, it } from 'vitest';
import { Viewport } from './viewport';

const calm = () => {
  const v = new Viewport(() => true);
  v.reset({ from: 0, to: 1_000_000 });
  return v;
};

it('stays within the trace', () => {
  const v = calm();
  v.show(-500, 100_000);
  expect([v.from, v.to]).toEqual([0, 100_500]);
  v.show(0, 9e9);
  expect([v.from, v.to, v.whole]).toEqual([0, 1_000_000, true]);
  v.pan(5);
  expect(v.to).toBe(1_000_000);
});

it('keeps what is under the pointer where it is', () => {
  const v = calm();
  v.zoom(0.5, 250_000);
  expect([v.from, v.to]).toEqual([125_000, 625_000]);
});

it('does not zoom into nothing', () => {
  const v = calm();
  for (let k = 0; k < 100; k++) {
    v.zoom(0.5, 500_000);
  }
  expect(v.span).toBe(100);
});

it('tells whether scrolling moved anything, so that the page can scroll on', () => {
  const v = calm();
  expect([v.scroll(40, 100), v.scroll(900, 100), v.scroll(900, 100), v.top]).toEqual([true, true, false, 100]);
});

it('copes with a trace of no length', () => {
  const v = new Viewport(() => true);
  v.reset({ from: 5, to: 5 });
  expect(v.span).toBe(1);
});
