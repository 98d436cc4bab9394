import { expect, it } from 'vitest';
import { rowOf, webshop } from './fixture';
import { foldedBelow, hiddenButMatches, hiddenSpans, levelsOf } from './filter';
import { pathTo, serviceOf, Source } from './model';

const t = webshop();
const shown = (hidden: Uint8Array | null) => Array.from({ length: t.length }, (_, i) => i).filter((i) => !hidden?.[i]);

it('leaves out a service with the packets of its calls', () => {
  expect(hiddenSpans(t, new Set(), false)).toBeNull();
  const left = shown(hiddenSpans(t, new Set(['svc-order']), false));
  expect(left.some((i) => serviceOf(t, i) === 'svc-order')).toBe(false);
  expect(left).not.toContain(rowOf(t, 80)); // a hop of its call
  expect(left).toContain(rowOf(t, 96)); // of what it called
});

it('keeps one span for each visit of a service', () => {
  const left = shown(hiddenSpans(t, new Set(), true));
  expect(left.map((i) => serviceOf(t, i))).toEqual([
    'loadgenerator', 'web-shop', 'svc-user', 'svc-user', 'svc-item', 'svc-order', 'db-demo', 'svc-item', 'svc-item', 'svc-stock', 'db-demo',
  ]);
  expect(left.every((i) => t.source[i] !== Source.Net)).toBe(true);
});

it('keeps matches and what is above them, and all where nothing matches', () => {
  const matches = new Uint8Array(t.length);
  matches[rowOf(t, 96)] = 1;
  const left = shown(hiddenButMatches(t, null, matches));
  expect(left).toEqual(pathTo(t, rowOf(t, 96)).sort((a, b) => a - b));
  const beside = hiddenSpans(t, new Set(['svc-order']), false);
  expect(shown(hiddenButMatches(t, beside, matches)).some((i) => serviceOf(t, i) === 'svc-order')).toBe(false);
  expect(hiddenButMatches(t, null, new Uint8Array(t.length))).toBeNull();
});

it('folds below a level', () => {
  const folded = foldedBelow(t, 3);
  expect([...folded].every((i) => t.depth[i] === 2)).toBe(true);
  expect(foldedBelow(t, levelsOf(t)).size).toBe(0);
});
