// Keys, only while the panel has the focus. commandFor says what a key means, runCommand
// does it and tells whether there was anything to do.
import React from 'react';
import { walk, type Step } from '../trace/walk';
import { shownEvents } from '../trace/events';
import { barOf, groupAt, openGroupOf, spanOf, type Layout } from '../trace/layout';
import type { Hits } from '../trace/search';
import type { TraceView } from './context';
import { canGoBack } from './state';

const ARROWS: Record<string, Step> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };

const COMMANDS = {
  w: 'zoomIn', '+': 'zoomIn', '=': 'zoomIn', s: 'zoomOut', '-': 'zoomOut', a: 'panLeft', d: 'panRight', '0': 'all',
  z: 'zoomTo', f: 'focus', x: 'fold', h: 'hops', Enter: 'open', e: 'event', E: 'eventBefore', c: 'critical', m: 'mark', '1': 'app', '2': 'sys', '3': 'net',
  '/': 'find', n: 'next', N: 'previous', '?': 'keys', Escape: 'back',
} as const;
export type Command = (typeof COMMANDS)[keyof typeof COMMANDS] | Step;

type KeyLike = Pick<React.KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>;

export function commandFor(e: KeyLike): Command | undefined {
  if (e.ctrlKey || e.metaKey || e.altKey) {
    return undefined;
  }
  const target = e.target as HTMLElement;
  if (e.key in ARROWS) {
    return target.tagName === 'CANVAS' ? ARROWS[e.key] : undefined; // elsewhere arrows scroll
  }
  if (e.key === 'Enter' && target.tagName !== 'CANVAS') {
    return undefined; // it presses a button
  }
  const key = e.key.length === 1 && e.key !== 'N' && e.key !== 'E' ? e.key.toLowerCase() : e.key;
  return Object.hasOwn(COMMANDS, key) ? COMMANDS[key as keyof typeof COMMANDS] : undefined;
}

export interface CommandContext {
  view: TraceView;
  hits: Hits | null;
  goToHit: (step: 1 | -1) => void;
  focusSubtree: (row: number) => void;
  findBox: HTMLInputElement | null;
  height: number;
}

export function runCommand(command: Command, { view, goToHit, focusSubtree, findBox }: CommandContext): boolean {
  const { state, dispatch, viewport, layout, analysis, select, zoomTo } = view;
  const set = (change: Partial<typeof state>) => dispatch({ type: 'set', change });
  const { selected } = state;
  switch (command) {
    case 'up':
    case 'down':
    case 'left':
    case 'right': {
      const to = walk(layout, selected, command);
      if (to >= 0 && to !== selected) {
        select(to, true);
      }
      return true;
    }
    case 'zoomIn':
      viewport.zoom(0.6);
      return true;
    case 'zoomOut':
      viewport.zoom(1.6);
      return true;
    case 'panLeft':
      viewport.pan(-0.2);
      return true;
    case 'panRight':
      viewport.pan(0.2);
      return true;
    case 'all':
      viewport.showAll();
      return true;
    case 'app':
      set({ sources: [true, false, false] });
      return true;
    case 'sys':
      set({ sources: [true, true, false] });
      return true;
    case 'net':
      set({ sources: [true, true, true] });
      return true;
    case 'critical':
      set({ critical: !state.critical });
      return true;
    case 'keys':
      set({ keysOpen: !state.keysOpen });
      return true;
    case 'find':
      findBox?.focus();
      return findBox !== null;
    case 'next':
      goToHit(1);
      return true;
    case 'previous':
      goToHit(-1);
      return true;
    case 'zoomTo':
    case 'focus':
    case 'fold':
      if (command === 'zoomTo' && state.range) {
        viewport.show(state.range[0], state.range[1]);
        return true;
      }
      if (selected < 0) {
        return false;
      }
      if (command === 'zoomTo') {
        zoomTo(selected);
      } else if (command === 'focus') {
        focusSubtree(selected);
      } else {
        dispatch({ type: 'fold', row: foldedBy(layout, selected) });
      }
      return true;
    case 'open': {
      const group = groupToToggle(layout, selected);
      if (group < 0) {
        return false;
      }
      view.toggleGroup(group);
      return true;
    }
    case 'event':
    case 'eventBefore': {
      const events = selected < 0 ? [] : shownEvents(analysis.trace, selected, state.events);
      if (events.length === 0) {
        return false;
      }
      const n = events.length;
      const event = command === 'event' ? (state.event + 1) % n : (Math.max(state.event, 0) + n - 1) % n;
      set({ event });
      const { time } = events[event];
      if (time < viewport.from || time > viewport.to) {
        viewport.show(time - viewport.span / 2, time + viewport.span / 2);
      }
      return true;
    }
    case 'mark':
      if (selected < 0) {
        return false;
      }
      set({ range: [analysis.trace.start[selected], analysis.trace.end[selected]] });
      return true;
    case 'hops':
      if (selected < 0 || analysis.calls.of[selected] < 0) {
        return false;
      }
      set({ tab: 'hops', call: analysis.calls.of[selected] });
      return true;
    case 'back':
      if (canGoBack(state)) {
        if (state.selected >= 0 && !state.keysOpen && !state.menu && !state.range) {
          select(-1);
        } else if (state.focus >= 0 && !state.keysOpen && !state.menu && !state.range && !state.query && !state.pinned && !state.onlyGroup) {
          focusSubtree(-1);
        } else {
          dispatch({ type: 'back' });
        }
        return true;
      }
      if (viewport.whole) {
        return false; // nothing left to take back: the key is the dashboard's
      }
      viewport.showAll();
      return true;
  }
}

/** The group that a span is shown in or was opened from, -1 for none. */
function groupToToggle(l: Layout, span: number): number {
  const group = groupAt(l, barOf(l, span));
  return group >= 0 ? group : openGroupOf(l, span);
}

/** What is folded with a span: where it is one of many in a bar, the one that names the bar. */
const foldedBy = (l: Layout, span: number): number => (groupAt(l, barOf(l, span)) >= 0 ? spanOf(l, barOf(l, span)) : span);

const HELP: ReadonlyArray<[string, string]> = [
  ['← → ↑ ↓', 'walk the tree'],
  ['W S A D', 'zoom, pan'],
  ['0', 'whole trace'],
  ['Z', 'zoom to span or marked range'],
  ['M', 'mark its time'],
  ['F', 'focus its subtree'],
  ['X', 'fold it'],
  ['↵', 'open alike spans, or close them'],
  ['H', 'its hop path'],
  ['1 2 3', 'APP, + SYS, all'],
  ['C', 'critical only'],
  ['E ⇧E', 'its events, one after the other'],
  ['/ N ⇧N', 'find, next, previous'],
  ['Ctrl wheel', 'zoom'],
  ['⇧ wheel', 'pan'],
  ['⇧ drag', 'mark a range'],
  ['Alt click', 'focus subtree'],
  ['Esc', 'one step back'],
];

export function KeysHelp() {
  return (
    <div className="tl-keys" role="note" aria-label="Keys">
      {HELP.map(([key, words]) => (
        <React.Fragment key={key}>
          <kbd>{key}</kbd>
          <span>{words}</span>
        </React.Fragment>
      ))}
    </div>
  );
}
