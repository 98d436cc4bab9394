import { expect, it } from 'vitest';
import { spans } from './fixture';
import { readTrace } from './frame';
import { linksAt } from './linked';

const OTHER = 'b'.repeat(32);

function traceWith(custom: Record<string, unknown>) {
  const frame = spans([[-1, 0, 99], [0, 1, 5], [0, 6, 30]]);
  Object.assign(frame.meta!.custom!, custom);
  return readTrace(frame);
}

it('reads links to other traces and from them, by row', () => {
  const { meta } = traceWith({
    linkedTo: [{ row: 1, traceId: OTHER, spanId: 'aa', to: -1 }, { row: 2, traceId: 'own', spanId: 'bb', to: 1 }],
    linkedFrom: [{ row: 2, traceId: OTHER, spanId: 'cc', service: 'worker', name: 'process', kind: 'CONSUMER', offset: -5, duration: 7, error: true }],
  });
  expect(linksAt(meta, 1, false)).toEqual({ to: [{ row: 1, traceId: OTHER, spanId: 'aa', to: -1 }], from: [] });
  expect(linksAt(meta, 2, false).from).toEqual([{ row: 2, traceId: OTHER, spanId: 'cc', service: 'worker', name: 'process', kind: 'CONSUMER', offset: -5, duration: 7, error: true }]);
  expect(linksAt(meta, 0, true).to).toHaveLength(2);
});

it('takes nothing for a link that is none', () => {
  const { meta } = traceWith({ linkedTo: [null, 7, {}, { row: 9, traceId: OTHER }, { row: 1, traceId: 4 }], linkedFrom: 'x' });
  expect([meta.linkedTo, meta.linkedFrom]).toEqual([[], []]);
  expect(traceWith({ linkedFrom: [{ traceId: OTHER, row: 99 }] }).meta.linkedFrom[0].row).toBe(-1);
});
