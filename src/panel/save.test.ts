import { expect, it } from 'vitest';
import { linkTo } from './save';

it('links to a span of a trace, with everything else of the address kept', () => {
  const link = new URL(linkTo('https://grafana.example/sub/d/Distributed_Tracing/x?orgId=1&from=now-15m&to=now&var-namespace=webshop', 'aa', '0b', { from: 1000, to: 2000 }));
  expect(link.pathname).toBe('/sub/d/Distributed_Tracing/x');
  expect(Object.fromEntries(link.searchParams)).toEqual({ orgId: '1', from: '1000', to: '2000', 'var-namespace': 'webshop', 'var-trace_id': 'aa', 'var-span_id': '0b' });
});

it('links to the trace alone when no span is selected', () => {
  expect(linkTo('https://g.example/d/a?var-span_id=old', 'aa', '')).toBe('https://g.example/d/a?var-trace_id=aa');
});
