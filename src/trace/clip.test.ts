import { expect, it } from 'vitest';
import { clip } from './clip';

it('keeps names that people give', () => {
  const name = 'com.acme.checkout.orders.CreateOrderFromCartWithDiscountsUseCase.executeWithRetry';
  expect(clip(name)).toBe(name);
  expect(clip('x'.repeat(200))).toHaveLength(200); // no use to save some letters
});

it('cuts what is longer, and says so', () => expect(clip(`SELECT ${'column, '.repeat(500)}`)).toMatch(/^SELECT .{100,155}…$/));
