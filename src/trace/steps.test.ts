import { expect, it } from 'vitest';
import { analyse, analysisSteps } from './analysis';
import { webshop } from './fixture';
import { runInTurns, runSteps, type Steps } from './steps';

function* count(to: number): Steps<number> {
  for (let k = 0; k < to; k++) {
    yield;
  }
  return to;
}

it('gives the same at once and in turns', async () => {
  expect(runSteps(count(5))).toBe(5);
  const t = webshop();
  const inTurns = await new Promise((done, failed) => runInTurns(analysisSteps(t), done, failed));
  expect(inTurns).toEqual(analyse(t));
});

it('tells of an error', async () => {
  function* broken(): Steps<number> {
    yield;
    throw new Error('no such column');
  }
  await expect(new Promise((done, failed) => runInTurns(broken(), done, failed))).rejects.toThrow('no such column');
});

it('stops when asked to', async () => {
  let steps = 0;
  function* endless(): Steps<number> {
    for (;;) {
      steps++;
      yield;
    }
  }
  const stop = runInTurns(endless(), () => {}, () => {});
  stop();
  await new Promise((done, failed) => runInTurns(count(1), done, failed));
  expect(steps).toBe(0);
});
