import { createDataFrame } from '@grafana/data';
import { expect, it } from 'vitest';
import { candidatesOf, kindOf, searchFor } from './recentTraces';

const frame = createDataFrame({
  fields: [
    { name: 'trace', values: ['a', 'b', 'a', 'c', 'd'] },
    { name: 'service', values: ['shop', 'shop', 'shop', 'shop', 'stock'] },
    { name: 'request', values: ['GET /orders/1', 'GET /orders/2', 'GET /orders/1', 'DELETE /orders/3', 'GET /orders/4'] },
    { name: 'start', values: [1000, 2000, 3000, 4000, 5000] },
    { name: 'duration', values: [5e6, 7e6, 9e6, 1e6, 2e6] },
    { name: 'status', values: ['ok', 'server error', 'ok', 'ok', 'ok'] },
  ],
});

it('asks for the request as the list calls it, numbers left open', () => {
  const subject = { id: 'b', name: 'root', start: 0 };
  expect(kindOf(frame, subject)).toEqual({ name: 'GET /orders/2', service: 'shop' });
  expect(kindOf(frame, { ...subject, id: 'unknown' })).toEqual({ name: 'root', service: '' });
  expect(searchFor(kindOf(frame, subject))).toMatchObject({ queryType: 'search', requestResource: 'GET /orders/*', service: 'shop', scope: 'roots' });
});

it('takes each trace of the same request once', () => {
  expect(candidatesOf(frame, { name: 'GET /orders/9', service: 'shop' })).toEqual([
    { id: 'a', name: 'GET /orders/1', start: 1000, duration: 5e6, failed: false },
    { id: 'b', name: 'GET /orders/2', start: 2000, duration: 7e6, failed: true },
  ]);
  expect(candidatesOf(undefined, { name: 'GET /orders/9', service: '' })).toEqual([]);
});
