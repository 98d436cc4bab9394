import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { rowOf, webshop } from './fixture';
import { waterfallRows, type WaterfallOptions } from './waterfall';

const a = analyse(webshop());
const rows = (o: Partial<WaterfallOptions> = {}) =>
  waterfallRows(a, { layers: [true, true, true], collapsed: new Set(), openCalls: new Set(), focus: -1, ...o });

it('folds the packets of each call into one row', () => {
  const folded = rows().filter((r) => r.folded.length > 0);
  expect(folded.map((r) => r.folded.length)).toEqual([4, 4, 4, 4, 4, 2, 4, 4, 2, 2]);
  expect(rows()).toHaveLength(66 + 10);
});

it('shows all 100 spans once all calls are open', () => {
  const open = rows({ openCalls: new Set(Array(a.calls.count).keys()) });
  expect(new Set(open.map((r) => r.span)).size).toBe(100);
});

it('leaves out layers, folded subtrees, and what is not in focus', () => {
  expect(rows({ layers: [true, false, false] })).toHaveLength(46);
  expect(rows({ collapsed: new Set([rowOf(a.trace, 8)]) })).toHaveLength(5);
  expect(rows({ focus: rowOf(a.trace, 20) })).toHaveLength(4);
});
