import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { spans, webshop } from './fixture';
import { readTrace } from './frame';
import { partOf, sentenceOf, wordedParts } from './sentence';

it('sums what the same words describe, and knows the longest stretch of it', () => {
  // Three stretches of one service add up to more than the longest stretch of the other.
  const frame = spans([[-1, 0, 100], [0, 10, 45], [0, 55, 80]], { service: ['a', 'b', 'b'], name: ['root', 'one', 'two'], missing: [0, 0, 0] });
  const { trace, slices, holders } = analyse(readTrace(frame));
  const { parts, total } = wordedParts(trace, slices, holders);
  expect(parts.map((p) => [p.text, p.time])).toEqual([['code of b', 60], ['code of a', 40]]);
  expect(total).toBe(100);
  expect([parts[0].longest.from, parts[0].longest.to]).toEqual([10, 45]);
  expect(sentenceOf(trace, slices, holders)).toBe('60 ns of 100 ns: code of b, in 2 spans, most in one');
});

it('finds the part that the server’s sentence names', () => {
  const { trace, slices, holders } = analyse(webshop());
  const { parts } = wordedParts(trace, slices, holders);
  expect(partOf(parts, '61.7 ms of 443.4 ms: code of svc-item, in 6 spans')?.text).toBe('code of svc-item');
  expect(partOf(parts, 'words that no part has')).toBe(parts[0]);
});
