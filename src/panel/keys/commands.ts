// What a key means, only while the panel has the focus and nobody writes.
import type React from 'react';
import type { Step } from '../../trace/walk';

const ARROWS: Record<string, Step> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };

const COMMANDS = {
  w: 'zoomIn', '+': 'zoomIn', '=': 'zoomIn', s: 'zoomOut', '-': 'zoomOut', a: 'panLeft', d: 'panRight', '0': 'all',
  z: 'zoomTo', f: 'focus', x: 'fold', h: 'hops', Enter: 'open', e: 'event', E: 'eventBefore', c: 'critical', m: 'mark', '1': 'app', '2': 'sys', '3': 'net',
  '[': 'before', ']': 'after', b: 'both',
  '/': 'find', n: 'next', N: 'previous', '?': 'keys', Escape: 'back',
} as const;
export type Command = (typeof COMMANDS)[keyof typeof COMMANDS] | Step;

type KeyLike = Pick<React.KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>;

export function commandFor(e: KeyLike): Command | undefined {
  if (e.altKey && !e.ctrlKey && !e.metaKey && (e.key === 'ArrowLeft' || e.key === 'ArrowRight') && !isTyping(e.target as HTMLElement)) {
    return e.key === 'ArrowLeft' ? 'before' : 'after'; // as in the browser
  }
  if (e.ctrlKey || e.metaKey || e.altKey) {
    return undefined;
  }
  const target = e.target as HTMLElement;
  if (isTyping(target)) {
    return e.key === 'Escape' ? 'back' : undefined; // a field has no use for it
  }
  if (e.key in ARROWS) {
    return target.tagName === 'CANVAS' ? ARROWS[e.key] : undefined; // elsewhere arrows scroll
  }
  if (e.key === 'Enter' && target.tagName !== 'CANVAS') {
    return undefined; // it presses a button
  }
  const key = e.key.length === 1 && e.key !== 'N' && e.key !== 'E' ? e.key.toLowerCase() : e.key;
  return Object.hasOwn(COMMANDS, key) ? COMMANDS[key as keyof typeof COMMANDS] : undefined;
}

/** Fields in which letters do not write. */
const PRESSED = new Set(['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit']);

/** Whether letters go into this element: it writes them, or chooses by them. */
export function isTyping(target: HTMLElement): boolean {
  switch (target.tagName) {
    case 'INPUT':
      return !PRESSED.has((target as HTMLInputElement).type);
    case 'TEXTAREA':
    case 'SELECT':
      return true;
  }
  return target.isContentEditable || /^(textbox|searchbox|combobox|spinbutton)$/.test(target.getAttribute('role') ?? '');
}

/** Letters that begin one of Grafana's own shortcuts of two keys, as "go to Explore". */
const LEADERS = new Set(['g', 'p', 't']);
const SEQUENCE = 1000; // ms in which Grafana takes a second key for part of the first

/** Tells the second key of a shortcut of Grafana's: it is not ours, whatever it means here. */
export class Sequences {
  private since = -Infinity;

  /** To be asked of each key, in turn. */
  takes({ key, ctrlKey, metaKey, altKey, target }: KeyLike, now: number): boolean {
    const plain = !ctrlKey && !metaKey && !altKey && !isTyping(target as HTMLElement);
    const second = plain && now - this.since < SEQUENCE;
    this.since = plain && !second && LEADERS.has(key) ? now : -Infinity;
    return second;
  }
}
