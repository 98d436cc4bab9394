import type { Analysis } from './analysis';
import { compare, type Compared } from './compare';
import { compareSentence } from './compareSentence';
import { ribbonColumns, ribbonsOf } from './ribbons';

export function compareAll(a: Analysis, b: Analysis): Compared {
  const comparison = compare(a, b);
  return { comparison, sentence: compareSentence(comparison, a, b), ribbons: ribbonColumns(ribbonsOf(a, b, comparison.match)) };
}
