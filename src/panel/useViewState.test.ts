import { act, renderHook } from '@testing-library/react';
import { useEffect } from 'react';
import { expect, it } from 'vitest';
import { spans } from '../trace/fixture';
import { analyse } from '../trace/analysis';
import { readTrace } from '../trace/frame';
import { useViewState } from './useViewState';

it('shows what is selected outside at once, and leaves no update behind', () => {
  const analysis = analyse(readTrace(spans([[-1, 0, 10], [0, 2, 8]])));
  const committed: Array<[outside: number, selected: number]> = [];
  const { rerender } = renderHook(
    ({ outside }) => {
      const { state } = useViewState(analysis, outside, {});
      useEffect(() => void committed.push([outside, state.selected]));
    },
    { initialProps: { outside: -1 } }
  );
  rerender({ outside: 1 });
  rerender({ outside: 0 });
  expect(committed).toEqual([[-1, -1], [1, 1], [0, 0]]);
});

it('keeps what is selected inside while the outside says what it said', () => {
  const analysis = analyse(readTrace(spans([[-1, 0, 10], [0, 2, 8]])));
  const { result, rerender } = renderHook(() => useViewState(analysis, 0, {}));
  act(() => result.current.act.select(1));
  rerender();
  expect(result.current.state.selected).toBe(1);
});
