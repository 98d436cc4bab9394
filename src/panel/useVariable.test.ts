import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { locationService } from '@grafana/runtime';
import { useVariable } from './useVariable';

const address = () => locationService.getSearchObject()['var-span_id'];
const elsewhere = (value: string) => act(() => locationService.partial({ 'var-span_id': value }, true));

beforeEach(() => {
  vi.useFakeTimers();
  locationService.push('/d/x?var-span_id=a');
});
afterEach(() => vi.useRealTimers());

const show = () => renderHook(() => useVariable('span_id', (text) => text)).result;

it('writes the first choice at once, and of many only the last, once they rest', () => {
  const writes = vi.spyOn(locationService, 'partial');
  const shown = show();
  for (const id of ['b', 'c', 'd', 'e']) {
    act(() => shown.current[1](id));
    expect(shown.current[0]).toBe(id);
  }
  expect(address()).toBe('b');
  act(() => void vi.advanceTimersByTime(300));
  expect(address()).toBe('e');
  expect(writes).toHaveBeenCalledTimes(2);
  writes.mockRestore();
});

it('does not go back to an older choice that the dashboard repeats', () => {
  const shown = show();
  act(() => shown.current[1]('b'));
  act(() => shown.current[1]('c'));
  elsewhere('b');
  expect(shown.current[0]).toBe('c');
  act(() => void vi.advanceTimersByTime(300));
  expect([shown.current[0], address()]).toEqual(['c', 'c']);
});

it('does not go back to an older choice that comes behind a newer one was written', () => {
  const shown = show();
  act(() => shown.current[1]('b'));
  act(() => void vi.advanceTimersByTime(300));
  act(() => shown.current[1]('c'));
  expect(address()).toBe('c');
  elsewhere('b');
  expect(shown.current[0]).toBe('c');
  act(() => void vi.advanceTimersByTime(300));
  expect([shown.current[0], address()]).toEqual(['c', 'c']);
  act(() => void vi.advanceTimersByTime(5000));
  elsewhere('b');
  expect([shown.current[0], address()]).toEqual(['b', 'b']);
});

it('follows what is chosen elsewhere, and writes nothing over it', () => {
  const shown = show();
  act(() => shown.current[1]('b'));
  act(() => shown.current[1]('c'));
  elsewhere('z');
  expect(shown.current[0]).toBe('z');
  act(() => void vi.advanceTimersByTime(300));
  expect([shown.current[0], address()]).toEqual(['z', 'z']);
});
