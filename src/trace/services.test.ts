import { expect, it } from 'vitest';
import { analyse } from './analysis';
import { webshop } from './fixture';
import { servicesOf } from './services';

const a = analyse(webshop());
const { rows, unseen, total } = servicesOf(a);
const of = (name: string) => rows.find((r) => r.service === name)!;

it('has disjoint held times that add up to the duration', () => {
  expect(rows.reduce((sum, r) => sum + r.held, unseen)).toBe(total);
  expect(total).toBe(a.trace.end[a.trace.main] - a.trace.start[a.trace.main]);
});

it('counts visits, not spans', () => {
  expect(Object.fromEntries(rows.map((r) => [r.service, r.visits]))).toEqual({
    loadgenerator: 1, 'web-shop': 1, 'svc-user': 2, 'svc-item': 3, 'svc-order': 1, 'svc-stock': 1, 'db-demo': 2,
  });
  expect(of('svc-order').total).toBeGreaterThan(of('svc-order').own);
});

it('has every span and every error in one row', () => {
  expect(rows.reduce((sum, r) => sum + r.spans[0] + r.spans[1] + r.spans[2], 0)).toBe(100);
  expect(rows.reduce((sum, r) => sum + r.errors, 0)).toBe(a.origins.length);
});
