import { expect, it } from 'vitest';
import { readEvents } from './events';

const START = '1787500961118000000';

it('reads events as the agent stores them and as OpenTelemetry writes them', () => {
  const stored = '[{"time":1787500961118002560,"name":"cache miss","attributes":{"key":"a"}}]';
  const [event] = readEvents(stored, START);
  expect(event.name).toBe('cache miss');
  expect(Math.abs(event.time - 2560)).toBeLessThan(300); // as exact as a JSON number of that size is
  expect(readEvents([{ timeUnixNano: '1787500961118000001', name: 'x' }], START)).toEqual([{ time: 1, name: 'x' }]);
});

it.each([['', 0], ['{', 0], [null, 0], [[null, {}, { time: 'soon' }, { time: 1.5 }], 0], [[{ time: START }], 1]])('of %j reads %i', (value, count) => expect(readEvents(value, START).length).toBe(count));
