import { expect, it } from 'vitest';
import cases from '../../testdata/fold.json';
import { foldName } from './fold';

it.each(cases)('folds %j to %j, as pkg/trace does', (name, folded) => {
  expect(foldName(name)).toBe(folded);
});

it('folds a folded name to itself', () => {
  for (const [, folded] of cases) {
    expect(foldName(folded)).toBe(folded);
  }
});
