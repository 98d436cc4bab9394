import { describe, expect, it } from 'vitest';
import { readTrace } from './frame';
import { rowOf, shownId } from './spanids';

const frame = (columns: Record<string, unknown[]>) =>
  readTrace({ length: 3, fields: Object.entries({ parentIdx: [-1, 0, 1], offset: [0, 1, 2], duration: [9, 8, 7], ...columns }).map(([name, values]) => ({ name, values })) });

describe('ids of spans', () => {
  const trace = frame({ id: ['00000000000000a1', '00000000000000a2', '00000000000000a3'], spanId: ['0000000000000b01', '', '0000000000000b01'] });

  it('are OpenTelemetry’s where there is one', () => {
    expect([0, 1, 2].map((row) => shownId(trace, row))).toEqual(['0000000000000b01', '00000000000000a2', '00000000000000a3']);
  });

  it('lead to the span whatever their form, ours and theirs', () => {
    expect(['00000000000000a3', 'A3', ' 0x00000000000000A2 ', '0000000000000B01', 'b01'].map((id) => rowOf(trace, id))).toEqual([2, 2, 1, 0, 0]);
    expect(['', 'xyz', '0000000000000b02', '00000000000000000000000000000b01'].map((id) => rowOf(trace, id))).toEqual([-1, -1, -1, -1]);
  });

  it('are ours in the frame of an older server', () => {
    expect(shownId(frame({ id: ['1', '2', '3'] }), 1)).toBe('2');
  });
});
