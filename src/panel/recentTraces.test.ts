import { createDataFrame } from '@grafana/data';
import { expect, it } from 'vitest';
import { candidatesOf, searchFor } from './recentTraces';

it('asks for the resource of a request, numbers left open', () => {
  expect(searchFor('GET /orders/17/items')).toMatchObject({ queryType: 'search', requestResource: '/orders/*/items', scope: 'roots' });
  expect(searchFor('checkout')).toMatchObject({ requestResource: 'checkout' });
});

it('takes each trace of the same request once', () => {
  const frame = createDataFrame({
    fields: [
      { name: 'trace', values: ['a', 'b', 'a', 'c'] },
      { name: 'request', values: ['GET /orders/1', 'GET /orders/2', 'GET /orders/1', 'DELETE /orders/3'] },
      { name: 'start', values: [1000, 2000, 3000, 4000] },
      { name: 'duration', values: [5e6, 7e6, 9e6, 1e6] },
      { name: 'status', values: ['ok', 'server error', 'ok', 'ok'] },
    ],
  });
  expect(candidatesOf(frame, 'GET /orders/9')).toEqual([
    { id: 'a', name: 'GET /orders/1', start: 1000, duration: 5e6, failed: false },
    { id: 'b', name: 'GET /orders/2', start: 2000, duration: 7e6, failed: true },
  ]);
  expect(candidatesOf(undefined, 'GET /orders/9')).toEqual([]);
});
