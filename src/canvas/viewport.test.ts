import { afterEach, describe, expect, it, vi } from 'vitest';
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

describe('while motion runs', () => {
  // Frames are drawn when the test says so, at the time it says.
  const moving = () => {
    const frames = new Map<number, FrameRequestCallback>();
    let [id, now] = [0, 0];
    vi.stubGlobal('requestAnimationFrame', (f: FrameRequestCallback) => (frames.set(++id, f), id));
    vi.stubGlobal('cancelAnimationFrame', (k: number) => frames.delete(k));
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const v = new Viewport();
    v.reset({ from: 0, to: 1_000_000 });
    const pass = (ms: number) => {
      now += ms;
      const due = [...frames.values()];
      frames.clear();
      due.forEach((f) => f(now));
    };
    return { v, pass };
  };
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it('a pan goes on from where a zoom leads, and does not cancel it', () => {
    const { v, pass } = moving();
    v.zoom(0.5);
    pass(40);
    v.pan(0.1);
    pass(200);
    expect([v.from, v.to]).toEqual([300_000, 800_000]);
  });

  it('zooms add up', () => {
    const { v, pass } = moving();
    v.zoom(0.5, 0);
    pass(40);
    v.zoom(0.5, 0);
    pass(200);
    expect([v.from, v.to]).toEqual([0, 250_000]);
  });

  it('a drag takes hold of what is seen', () => {
    const { v, pass } = moving();
    v.zoom(0.5);
    pass(40);
    const { span } = v;
    v.pan(0.1, false);
    pass(200);
    expect(v.span).toBe(span);
  });

  it('nothing of it is left when another trace is shown', () => {
    const { v, pass } = moving();
    v.zoom(0.5);
    v.reset({ from: 0, to: 100 });
    pass(200);
    expect([v.from, v.to]).toEqual([0, 100]);
  });
});

it('copes with a trace of no length', () => {
  const v = new Viewport(() => true);
  v.reset({ from: 5, to: 5 });
  expect(v.span).toBe(1);
});
