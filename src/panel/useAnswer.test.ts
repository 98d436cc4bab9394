import { act, renderHook } from '@testing-library/react';
import { StrictMode } from 'react';
import { expect, it } from 'vitest';
import { useAnswer, type Ask } from './useAnswer';

/** A question that is answered when told to. */
function question(name: string) {
  const asked = { times: 0, answer: () => {}, fail: () => {} };
  const ask: Ask<string> = () =>
    new Promise((resolve, reject) => {
      asked.times++;
      asked.answer = () => resolve(`answer to ${name}`);
      asked.fail = () => reject(new Error(name));
    });
  return Object.assign(asked, { ask });
}

const show = (first: Ask<string> | null) => renderHook(({ ask }) => useAnswer(ask), { initialProps: { ask: first } });

it('answers, and keeps the answer before while another question is open', async () => {
  const [one, two] = [question('one'), question('two')];
  const { result, rerender } = show(one.ask);
  expect(result.current).toMatchObject({ value: undefined, busy: true });
  await act(async () => one.answer());
  expect(result.current).toMatchObject({ value: 'answer to one', busy: false });
  rerender({ ask: two.ask });
  expect(result.current).toMatchObject({ value: 'answer to one', busy: true });
  await act(async () => two.answer());
  expect(result.current).toMatchObject({ value: 'answer to two', busy: false });
});

it('asks the newest of the questions that wait, and drops what nobody asks for any more', async () => {
  const [one, two, three] = [question('one'), question('two'), question('three')];
  const { result, rerender } = show(one.ask);
  rerender({ ask: two.ask });
  rerender({ ask: three.ask });
  await act(async () => one.answer());
  expect(result.current.value).toBeUndefined();
  expect([one.times, two.times, three.times]).toEqual([1, 0, 1]);
  await act(async () => three.answer());
  expect(result.current).toMatchObject({ value: 'answer to three', busy: false });
});

it('tells what went wrong with the newest question', async () => {
  const [one, two] = [question('one'), question('two')];
  const { result, rerender } = show(one.ask);
  await act(async () => one.fail());
  expect(result.current.error).toEqual(new Error('one'));
  rerender({ ask: two.ask });
  expect(result.current.error).toBeUndefined();
});

it('asks again where it is shown again', async () => {
  const one = question('one');
  const { result } = renderHook(() => useAnswer(one.ask), { wrapper: StrictMode });
  expect(one.times).toBe(2);
  await act(async () => one.answer());
  expect(result.current.value).toBe('answer to one');
});
