import { describe, expect, it } from 'vitest';
import { displayText, parseSearch, printSearch, type Search } from './searchText';

describe('a search as text', () => {
  it.each<[string, Search]>([
    ['', {}],
    ['service=web-shop protocol=HTTP', { service: 'web-shop', protocol: 'HTTP' }],
    ['request=*Order* status="server error"', { requestResource: '*Order*', status: 'server error' }],
    ['duration>5ms duration<1.5s', { minDuration: '5ms', maxDuration: '1.5s' }],
    ['user.id="7 \\"x\\""', { filters: [{ key: 'user.id', operator: '=', value: '7 "x"' }] }],
    ['namespace!=kube-system', { filters: [{ key: 'namespace', operator: '!=', value: 'kube-system' }] }],
    ['request!~*health*', { filters: [{ key: 'request_resource', operator: '!~', value: '*health*' }] }],
    ['namespace=$namespace', { namespace: '$namespace' }],
  ])('%s', (text, search) => {
    expect(parseSearch(text)).toEqual(search);
    expect(printSearch(search)).toBe(text);
  });

  it('takes words for a part of the request', () => {
    expect(parseSearch('order')).toEqual({ requestResource: '*order*' });
    expect(parseSearch('service=a "GET /items"')).toEqual({ service: 'a', requestResource: '*GET /items*' });
    expect(parseSearch('*order')).toEqual({ requestResource: '*order' });
  });

  it.each([
    ['service=', 'cannot be read'],
    ['a="open', 'cannot be read'],
    ['duration>long', 'is no duration'],
    ['duration=5ms', 'write duration>5ms'],
    ['service=a service=b', 'service is said twice'],
    ['order item', 'the request is said twice'],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => parseSearch(text)).toThrow(message);
  });

  it('never fails in another way than by its own message', () => {
    const whole = 'namespace!="a b" duration>=5ms x.y=~"\\\\" order';
    for (let i = 0; i <= whole.length; i++) {
      try {
        parseSearch(whole.slice(0, i));
      } catch (e) {
        expect((e as Error).message).toMatch(/cannot be read|is no duration/);
      }
    }
  });
});

describe('the line of a query in the history', () => {
  it.each([
    [{ queryType: 'search' as const }, 'all requests'],
    [{ queryType: 'search' as const, service: 'web', minDuration: '5ms' }, 'service=web duration>5ms'],
    [{ queryType: 'trace' as const, query: '4bf9' }, 'trace 4bf9'],
    [
      { queryType: 'metrics' as const, metrics: ['p99'], groupBy: ['service'], namespace: 'shop' },
      'p99 by service where namespace=shop',
    ],
    [{ queryType: 'metrics' as const, format: 'heatmap' as const }, 'durations'],
    [{ queryType: 'serviceMap' as const }, 'service map'],
    [{ queryType: 'variables' as const, name: 'service', namespace: 'shop' }, 'values of service where namespace=shop'],
  ])('%o', (query, line) => {
    expect(displayText({ refId: 'A', ...query })).toBe(line);
  });
});
