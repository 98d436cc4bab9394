import { expect, it } from 'vitest';
import { analyse, type Analysis } from './analysis';
import { breakDown } from './breakdown';
import { spans } from './fixture';
import { readTrace, type FrameLike } from './frame';
import { readLate } from './late';
import { Layer } from './model';
import { accountOf } from './parts';

// A request in two packets; the second is lost twice on the wire, and the server's code
// reads for it until 415.
function upload(custom: Record<string, unknown>): FrameLike {
  const frame = spans(
    [[-1, 0, 500], [0, 1, 499], [1, 2, 498], [2, 3, 497], [3, 6, 494], [4, 7, 493], [5, 8, 492], [6, 9, 491], [7, 10, 480]],
    {
      source: ['APP', 'SYS', 'NET', 'NET', 'NET', 'NET', 'SYS', 'APP', 'APP'],
      point: ['app', 'c-p', 'c', 'c-nd', 's-nd', 's', 's-p', 'app', 'app'],
      service: ['web', 'web', '', '', '', '', 'order', 'order', 'order'],
      node: ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'b'],
      request: Array(9).fill('GET /x'),
      confidence: Array(9).fill('proven'),
      missing: Array(9).fill(0),
    }
  );
  return { ...frame, meta: { custom: { throughline: 'trace', ...custom } } };
}

const late = [{ from: 4, to: 415, before: 3, after: 4, spans: [3, 4, 5, 6, 7, 8] }];

it('counts waiting for the rest of a request as the network’s time', () => {
  const analysis = analyse(readTrace(upload({ late, retransmissions: [[2, 2], [3, 2]] })));
  const { trace, slices, holders } = analysis;
  expect(sentenceOf(analysis)).toBe('412 ns of 500 ns: network, wire a → b, GET /x, 2 retransmissions');
  const { layers, total } = breakDown(trace, slices, holders);
  expect(layers[Layer.Network]).toBe(411 + 1 + 1 + 1 + 3 + 1); // and the first byte's way there, and the way back
  expect(Object.values(layers).reduce((a, b) => a + b)).toBe(total);
  const before = analyse(readTrace(upload({})));
  expect(sentenceOf(before)).toContain('code of order');
  expect([...slices.own]).toEqual([...before.slices.own]);
});

it('leaves out what does not fit the rows', () => {
  expect(readLate(late, 9)).toEqual(late);
  for (const wrong of [null, 'x', {}, [null], [{ ...late[0], before: 9 }], [{ ...late[0], spans: [1.5] }], [{ ...late[0], to: 4 }], [{ ...late[0], from: 'now' }]]) {
    expect(readLate(wrong, 9)).toEqual([]);
  }
  expect(sentenceOf(analyse(readTrace(upload({ late: 'x', retransmissions: [['a', 1], [3, -1]] }))))).toContain('code of order');
});

const sentenceOf = (a: Analysis): string => accountOf(a, a.holders, a.trace.main).sentence;
