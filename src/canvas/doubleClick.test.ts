import { afterEach, beforeEach, expect, it } from 'vitest';
import { DoubleClick } from './doubleClick';

let opened: string[];
let clicks: DoubleClick<string>;
beforeEach(() => {
  opened = [];
  clicks = new DoubleClick<string>(window, (what) => opened.push(what));
});
afterEach(() => clicks.dispose());

const press = (clientX: number, clientY: number, timeStamp: number) => ({ clientX, clientY, timeStamp });

/** A second click, on whatever lies there now; true where that hears of it. */
function second(on: HTMLElement, x: number, y: number, at: number): boolean {
  let heard = false;
  on.addEventListener('click', () => (heard = true), { once: true });
  document.body.append(on);
  const click = new MouseEvent('click', { detail: 2, clientX: x, clientY: y, bubbles: true, cancelable: true });
  Object.defineProperty(click, 'timeStamp', { value: at });
  on.dispatchEvent(click);
  return heard;
}

it('is of what was under the first press, wherever the second lands', () => {
  clicks.begin('bar 7', press(100, 50, 1000));
  expect(second(document.createElement('button'), 101, 50, 1200)).toBe(false);
  expect(opened).toEqual(['bar 7']);
});

it('is none where the second press is elsewhere or late', () => {
  clicks.begin('bar 7', press(100, 50, 1000));
  expect(second(document.createElement('button'), 140, 50, 1200)).toBe(true);
  expect(second(document.createElement('button'), 100, 50, 1600)).toBe(true);
  expect(opened).toEqual([]);
});

it('happens once', () => {
  clicks.begin('bar 7', press(100, 50, 1000));
  second(document.createElement('i'), 100, 50, 1100);
  second(document.createElement('i'), 100, 50, 1200);
  expect(opened).toEqual(['bar 7']);
});
