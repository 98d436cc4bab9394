// Does what a key means.
import { shownEvents } from '../../trace/events';
import { barOf, groupAt, openGroupOf, spanOf, type Layout } from '../../trace/layout';
import { walk } from '../../trace/walk';
import type { TraceView } from '../context';
import { backStep } from '../state/back';
import { canSplit, hasHops, shownTab } from '../state/choices';
import type { Command } from './commands';

interface CommandContext {
  view: TraceView;
  goToHit: (step: 1 | -1) => void;
  findBox: HTMLInputElement | null;
}

/** False for Esc, back and forward with nowhere to go: the key is the dashboard's or the browser's then. */
export function runCommand(command: Command, { view, goToHit, findBox }: CommandContext): boolean {
  const { state, act, viewport, layout, analysis, select } = view;
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
    case 'before':
      return view.travel(-1);
    case 'after':
      return view.travel(1);
    case 'both':
      if (canSplit(shownTab(analysis.trace, state.tab))) {
        act.toggleSplit();
      }
      return true;
    case 'app':
    case 'sys':
    case 'net':
      if (hasHops(analysis.trace)) {
        act.showSources([true, command !== 'app', command === 'net']);
      }
      return true;
    case 'critical':
      act.toggleCritical();
      return true;
    case 'keys':
      act.toggleKeys();
      return true;
    case 'find':
      findBox?.focus();
      return true;
    case 'next':
      goToHit(1);
      return true;
    case 'previous':
      goToHit(-1);
      return true;
    case 'back':
      return goBack(view);
    case 'zoomTo':
      if (state.range) {
        viewport.show(state.range[0], state.range[1]);
        return true;
      }
  }
  if (selected >= 0) {
    withSelected(command, view);
  }
  return true;
}

function withSelected(command: Command, { state, act, viewport, layout, analysis, zoomTo, focusSubtree, toggleGroup }: TraceView): void {
  const { selected } = state;
  switch (command) {
    case 'zoomTo':
      return zoomTo(selected);
    case 'focus':
      return focusSubtree(selected);
    case 'fold':
      return act.fold(foldedBy(layout, selected));
    case 'open': {
      const group = groupToToggle(layout, selected);
      return group < 0 ? undefined : toggleGroup(group);
    }
    case 'event':
    case 'eventBefore': {
      const events = shownEvents(analysis.trace, selected, state.events);
      const n = events.length;
      if (n === 0) {
        return;
      }
      const event = command === 'event' ? (state.event + 1) % n : (Math.max(state.event, 0) + n - 1) % n;
      act.goToEvent(event);
      const { time } = events[event];
      if (time < viewport.from || time > viewport.to) {
        viewport.show(time - viewport.span / 2, time + viewport.span / 2);
      }
      return;
    }
    case 'mark':
      return act.mark([analysis.trace.start[selected], analysis.trace.end[selected]]);
    case 'hops':
      if (hasHops(analysis.trace) && analysis.calls.of[selected] >= 0) {
        act.showHops(analysis.calls.of[selected]);
      }
  }
}

function goBack({ state, act, viewport, select, focusSubtree }: TraceView): boolean {
  switch (backStep(state)) {
    case 'selection':
      select(-1);
      return true;
    case 'focus':
      focusSubtree(-1);
      return true;
    case undefined:
      if (viewport.atHome) {
        return false;
      }
      viewport.showHome();
      return true;
    default:
      act.back();
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
