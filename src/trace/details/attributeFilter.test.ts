import { expect, it } from 'vitest';
import { filterOf, inAddress } from './attributeFilter';

it.each([
  [{ key: 'http.route', value: '/orders' }, 'span', 'http.route', '/orders'],
  [{ key: 'http.response.status_code', value: 503 }, 'span', 'http.response.status_code', '503'],
  [{ key: 'feature.on', value: false }, 'span', 'feature.on', 'false'],
  // Words that a search has of its own, and its prefixes.
  [{ key: 'status', value: 'late' }, 'span', 'span.status', 'late'],
  [{ key: 'name', value: 'x' }, 'resource', 'resource.name', 'x'],
  [{ key: 'event.name', value: 'login' }, 'span', 'span.event.name', 'login'],
  [{ key: 'attempt', value: 2 }, 'event', 'event.attempt', '2'],
  // One value, not a list of two.
  [{ key: 'shell.command', value: 'a\\b | c' }, 'span', 'shell.command', 'a\\\\b \\| c'],
  [{ key: 'shell.command', value: 'a\\b' }, 'span', 'shell.command', 'a\\b'],
] as const)('finds %o of a %s', (attribute, of, key, value) => {
  expect(filterOf(attribute, of)).toEqual({ key, operator: '=', value });
});

it.each([[{ key: 'tags', value: ['a'] }], [{ key: 'body', value: 'x'.repeat(4096) }], [{ key: 'empty', value: '' }], [{ key: 'none', value: null }], [{ key: '', value: 'x' }]])(
  'offers no search for %o',
  (attribute) => expect(filterOf(attribute, 'span')).toBeNull()
);

it('is written as an ad-hoc variable reads it', () => {
  expect(inAddress({ key: 'a.b', operator: '=', value: '1,2|3#' })).toBe('a.b|=|1__gfc__2__gfp__3__gfh__');
});
