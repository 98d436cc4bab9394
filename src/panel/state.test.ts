import { expect, it } from 'vitest';
import { canGoBack, initialState, reduce } from './state';

it('goes back one step at a time: keys, range, selection, search, filters, focus', () => {
  let s = { ...initialState(100), keysOpen: true, range: [1, 2] as const, selected: 7, query: 'x', onlyGroup: 'a', focus: 3 };
  const left: string[][] = [];
  while (canGoBack(s)) {
    s = reduce(s, { type: 'back' }) as typeof s;
    left.push([s.keysOpen && 'keys', s.range && 'range', s.selected >= 0 && 'selected', s.query && 'query', s.onlyGroup && 'service', s.focus >= 0 && 'focus'].filter(Boolean) as string[]);
  }
  expect(left).toEqual([
    ['range', 'selected', 'query', 'service', 'focus'],
    ['selected', 'query', 'service', 'focus'],
    ['query', 'service', 'focus'],
    ['service', 'focus'],
    ['focus'],
    [],
  ]);
});

it('toggles folds, services and pinned layers', () => {
  const s = initialState(100);
  const folded = reduce(s, { type: 'fold', row: 4 });
  expect([...folded.collapsed]).toEqual([4]);
  expect(reduce(folded, { type: 'fold', row: 4 }).collapsed.size).toBe(0);
  const only = reduce(s, { type: 'onlyGroup', group: 'a' });
  expect(reduce(only, { type: 'onlyGroup', group: 'a' }).onlyGroup).toBe('');
  expect(reduce(s, { type: 'pin', highlight: { layer: 2 } }).pinned).toEqual({ layer: 2 });
});

it('draws large traces as texture', () => {
  expect([initialState(100).density, initialState(100_000).density]).toEqual(['strands', 'auto']);
});
