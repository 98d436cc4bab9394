import { expect, it } from 'vitest';
import { eventsOf, readEvents, shownEvents } from './events';
import { spans } from './fixture';
import { readTrace } from './frame';

const START = '1787500961118000000';

it('reads events as the agent stores them and as OpenTelemetry writes them', () => {
  const stored = '[{"time":1787500961118002560,"name":"cache miss","attributes":{"key":"a"}}]';
  const [event] = readEvents(stored, START);
  expect(event.name).toBe('cache miss');
  expect(Math.abs(event.time - 2560)).toBeLessThan(300); // as exact as a JSON number of that size is
  expect(readEvents([{ timeUnixNano: '1787500961118000001', name: 'x' }], START)).toEqual([{ time: 1, name: 'x' }]);
});

it('reads events of the frame, whose times are from the start of their span', () => {
  const t = readTrace(spans([[-1, 0, 1000], [0, 400, 900]], { events: ['', '[{"t":300,"name":"late"},{"t":50,"name":"retry","attributes":{"attempt":2,"why":"reset"}}]'] }));
  expect(eventsOf(t, 0)).toEqual([]);
  expect(eventsOf(t, 1)).toEqual([{ time: 450, name: 'retry', attributes: [['attempt', '2'], ['why', 'reset']] }, { time: 700, name: 'late' }]);
  expect(eventsOf(t, 1)).toBe(eventsOf(t, 1)); // read once
  expect(shownEvents(t, 0, { row: 0, list: [{ time: 1, name: 'of the details' }] })).toHaveLength(1);
  expect(shownEvents(t, 1, { row: 1, list: [{ time: 1, name: 'of the details' }] })).toHaveLength(2);
});

it.each([['', 0], ['{', 0], [null, 0], [[null, {}, { time: 'soon' }, { time: 1.5 }], 0], [[{ time: START }], 1]])('of %j reads %i', (value, count) => expect(readEvents(value, START).length).toBe(count));
