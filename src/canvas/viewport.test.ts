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

describe('the way back', () => {
  const at = (v: Viewport) => [v.from, v.to];

  it('leads through each view that was left, and forward again', () => {
    const v = calm();
    v.show(100, 500);
    v.show(200, 300);
    v.step(-1);
    expect(at(v)).toEqual([100, 500]);
    v.step(-1);
    expect([...at(v), v.can(-1), v.step(-1)]).toEqual([0, 1_000_000, false, null]);
    v.step(1);
    v.step(1);
    expect([...at(v), v.can(1)]).toEqual([200, 300, false]);
  });

  it('forgets what was gone back from when another view is shown', () => {
    const v = calm();
    v.show(100, 500);
    v.step(-1);
    v.show(600, 900);
    expect(v.can(1)).toBe(false);
    v.step(-1);
    expect(at(v)).toEqual([0, 1_000_000]);
  });

  it('takes a run of keys or wheel turns as one step, and what changes nothing as none', () => {
    const v = calm();
    v.pan(0.2);
    v.showAll();
    expect(v.can(-1)).toBe(false);
    for (let k = 0; k < 5; k++) {
      v.zoom(0.6);
    }
    v.step(-1);
    expect([...at(v), v.can(-1)]).toEqual([0, 1_000_000, false]);
  });

  it('leads back to where a drag began', () => {
    const v = calm();
    v.show(0, 1000);
    v.leave();
    v.drag(10, 1010);
    v.drag(50, 1050);
    v.step(-1);
    expect(at(v)).toEqual([0, 1000]);
  });

  it('leads out of a subtree to the rows and the time that were seen', () => {
    const v = calm();
    v.scroll(40, 100);
    v.enter('a1', { from: 10, to: 90_000 });
    expect([...at(v), v.top, v.subtree]).toEqual([10, 90_000, 0, 'a1']);
    expect(v.step(-1)).toEqual({ from: 0, to: 1_000_000, top: 40, subtree: '' });
    expect([v.top, v.subtree, v.step(1)?.subtree]).toEqual([40, '', 'a1']);
  });

  it('begins afresh with another trace', () => {
    const v = calm();
    v.show(100, 500);
    v.reset({ from: 0, to: 10 });
    expect([v.can(-1), v.can(1)]).toEqual([false, false]);
  });
});

describe('the part that is shown at first', () => {
  const request = () => {
    const v = new Viewport(() => true);
    v.reset({ from: 0, to: 1_000_000 }, { from: 0, to: 48_000 });
    return v;
  };

  it('is the view of a new trace; all of it can be shown', () => {
    const v = request();
    expect([v.from, v.to, v.atHome, v.whole]).toEqual([0, 48_000, true, false]);
    v.showAll();
    expect([v.to, v.atHome, v.whole]).toEqual([1_000_000, false, true]);
    v.showHome();
    expect(v.to).toBe(48_000);
  });

  it('stays the view when more of the trace arrives, and another view stays that', () => {
    const v = request();
    v.rebound({ from: 0, to: 2_000_000 }, { from: 0, to: 50_000 });
    expect([v.from, v.to]).toEqual([0, 50_000]);
    v.show(10, 20_000);
    v.rebound({ from: 0, to: 3_000_000 }, { from: 0, to: 60_000 });
    expect([v.from, v.to]).toEqual([10, 20_000]);
  });
});
