import { expect, it } from 'vitest';
import { bindActions } from './actions';
import { backStep } from './back';
import { hasHops, shownTab, tabsOf } from './choices';
import { densityOf, initialView, type ViewState } from './view';

function start(change: Partial<ViewState> = {}) {
  const view = { state: { ...initialView(), ...change } };
  return Object.assign(view, { act: bindActions((to) => (view.state = to(view.state))) });
}

it('goes back one step at a time: keys, range, selection, search, filters, focus', () => {
  const view = start({ keysOpen: true, range: [1, 2], selected: 7, query: 'x', onlyGroup: 'a', focus: 3 });
  const steps: unknown[] = [];
  while (backStep(view.state)) {
    steps.push(backStep(view.state));
    view.act.back();
  }
  expect(steps).toEqual(['keys', 'range', 'selection', 'query', 'highlight', 'focus']);
  expect(view.state).toEqual(initialView());
});

it('toggles folds, services and pinned layers', () => {
  const view = start();
  view.act.fold(4);
  expect([...view.state.collapsed]).toEqual([4]);
  view.act.fold(4);
  expect(view.state.collapsed.size).toBe(0);
  view.act.only('a');
  view.act.only('a');
  expect(view.state.onlyGroup).toBe('');
  view.act.pin({ layer: 2 });
  expect(view.state.pinned).toEqual({ layer: 2 });
});

it('forgets the event of another span, and keeps that of the same', () => {
  const view = start({ selected: 3, event: 1 });
  view.act.select(3);
  expect(view.state.event).toBe(1);
  view.act.select(4);
  expect(view.state.event).toBe(-1);
});

it('draws large traces as texture, and small ones never', () => {
  expect(['auto', 'texture', 'alike'].map((chosen) => [densityOf(chosen as 'auto', 100), densityOf(chosen as 'auto', 100_000)])).toEqual([
    ['strands', 'auto'],
    ['strands', 'texture'],
    ['alike', 'alike'],
  ]);
});

it('has views of hops only where something beside code was seen', () => {
  const of = (app: number, sys: number, net: number) => ({ meta: { counts: { app, sys, net } } }) as never;
  expect(hasHops(of(9, 0, 0))).toBe(false);
  expect(tabsOf(of(9, 0, 0))).toEqual(['flame', 'waterfall', 'services', 'compare', 'json']);
  expect(tabsOf(of(9, 0, 1))).toContain('hops');
  expect(shownTab(of(9, 0, 0), 'hops')).toBe('flame');
  expect(shownTab(of(9, 1, 0), 'hops')).toBe('hops');
});
