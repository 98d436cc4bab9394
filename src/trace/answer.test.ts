import { expect, it } from 'vitest';
import { answerOf } from './answer';
import { spans } from './fixture';
import { readTrace } from './frame';

const trace = (rows: Array<[parent: number, start: number, end: number]>, more: Record<string, unknown[]> = {}) => readTrace(spans(rows, more));

it('is the main root’s interval, and what goes on after it is told', () => {
  expect(answerOf(trace([[-1, 0, 48_000], [0, 10_000, 5_248_000]]))).toMatchObject({ from: 0, to: 48_000, before: 0, after: 5_200_000, home: { from: 0, to: 48_720 } });
});

it('tells what began before it', () => {
  expect(answerOf(trace([[-1, 500, 1500], [0, 0, 600]]))).toMatchObject({ before: 500, after: 0, home: { from: 485, to: 1500 } });
});

it('shows all where next to nothing lies outside', () => {
  expect(answerOf(trace([[-1, 0, 10_000], [0, 9000, 10_100]]))).toMatchObject({ after: 0, home: { from: 0, to: 10_100 } });
});

it('is not known where the root is missing', () => {
  expect(answerOf(trace([[-1, 0, 100], [-1, 5000, 5100]], { orphan: ['no parent', 'no parent'] }))).toMatchObject({ after: 0, home: { from: 0, to: 5100 } });
});
