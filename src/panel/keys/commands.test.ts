import { expect, it } from 'vitest';
import { commandFor, isTyping, Sequences } from './commands';

const key = (name: string, target: Partial<HTMLElement> = document.createElement('canvas')) => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, target: target as EventTarget });
const element = (html: string) => {
  const box = document.createElement('div');
  box.innerHTML = html;
  return box.firstElementChild as HTMLElement;
};

it.each(['<input>', '<input type="search">', '<input type="number">', '<textarea></textarea>', '<select></select>', '<div role="textbox"></div>', '<div role="combobox"></div>'])('takes nothing that is typed in %s', (html) => {
  const field = element(html);
  expect(isTyping(field)).toBe(true);
  expect(['w', 's', 'a', 'd', '0', '1', '2', '3', 'f', 'e', 'c', 'n', '-', '+', '/', '?', 'Enter', 'ArrowLeft'].filter((name) => commandFor(key(name, field)))).toEqual([]);
  expect(commandFor(key('Escape', field))).toBe('back');
});

it('takes nothing that is typed where the page is edited', () => {
  expect(isTyping({ tagName: 'P', isContentEditable: true, getAttribute: () => null } as unknown as HTMLElement)).toBe(true);
});

it('has its keys on buttons and check boxes, which write nothing', () => {
  expect(commandFor(key('e', element('<button></button>')))).toBe('event');
  expect(commandFor(key('1', element('<input type="checkbox">')))).toBe('app');
});

it('leaves the second key of a shortcut of the page', () => {
  const sequences = new Sequences();
  const pass = (name: string, now: number) => sequences.takes(key(name), now);
  expect([pass('g', 0), pass('d', 400), pass('d', 500)]).toEqual([false, true, false]);
  expect([pass('g', 1000), pass('d', 2500)]).toEqual([false, false]); // too late for one
  expect([pass('d', 3000), pass('s', 3100)]).toEqual([false, false]); // ours begin none
});
