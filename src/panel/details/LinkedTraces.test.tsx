import React from 'react';
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { Tones } from '../../canvas/colour';
import { paletteFor } from '../../canvas/theme';
import { analyse } from '../../trace/analysis';
import { spans } from '../../trace/fixture';
import { readTrace } from '../../trace/frame';
import { TraceContext, type TraceView } from '../context';
import { OtherTracesContext } from '../otherTraces';
import { AmongUsual } from './AmongUsual';
import { LinkedTraces } from './LinkedTraces';

const OTHER = 'b'.repeat(32);
const OWN = 'a'.repeat(32);

function show(row: number, details?: unknown) {
  const frame = spans([[-1, 0, 90e6], [0, 1e6, 5e6], [0, 6e6, 30e6]], { name: ['import', 'publish', 'check'], spanId: ['1'.repeat(16), '2'.repeat(16), '3'.repeat(16)] });
  Object.assign(frame.meta!.custom!, {
    traceId: OWN,
    linkedTo: [{ row: 2, traceId: OTHER, spanId: 'c'.repeat(16), to: -1 }],
    linkedFrom: [{ row: 1, traceId: OTHER, spanId: 'd'.repeat(16), service: 'worker', name: 'process', kind: 'CONSUMER', offset: 5e9, duration: 2.6e9, error: true }],
  });
  const analysis = analyse(readTrace(frame));
  const [open, select] = [vi.fn(), vi.fn()];
  render(
    <TraceContext.Provider value={{ analysis, select, tones: new Tones(analysis.trace.groups, paletteFor(true)) } as unknown as TraceView}>
      <OtherTracesContext.Provider value={{ open, href: (trace, span) => `#${trace}/${span}` }}>
        <LinkedTraces row={row} details={details} />
      </OtherTracesContext.Provider>
    </TraceContext.Provider>
  );
  return { open, select };
}

it('leads from a span to those that link to it, and opens them', () => {
  const { open } = show(1);
  const link = screen.getByRole('link');
  expect(link.textContent).toBe('← worker process starts +5.00 s, failed2.60 s');
  expect(link.getAttribute('href')).toBe(`#${OTHER}/${'d'.repeat(16)}`);
  fireEvent.click(link);
  expect(open).toHaveBeenCalledWith(OTHER, 'd'.repeat(16));
});

it('leaves a press for another tab to the browser', () => {
  const { open } = show(1);
  fireEvent.click(screen.getByRole('link'), { ctrlKey: true });
  expect(open).not.toHaveBeenCalled();
});

it('leads from a span to what it links to, with the link’s attributes', () => {
  const { select } = show(2, { links: [{ traceId: OTHER, spanId: 'c'.repeat(16), attributes: [{ key: 'offset', value: 3 }] }, { traceId: OWN, spanId: '2'.repeat(16) }] });
  expect(screen.getByRole('link').textContent).toBe(`→ trace ${OTHER} span ${'c'.repeat(16)} offset 3`);
  fireEvent.click(screen.getByRole('button', { name: /publish/ }));
  expect(select).toHaveBeenCalledWith(1, true);
});

it('tells at the root of all links of the trace', () => {
  show(0);
  expect(screen.getAllByRole('link').map((a) => a.textContent)).toEqual([expect.stringMatching(/^check → trace bbb/), expect.stringMatching(/^publish ← worker process/)]);
});

it.each([
  [0.97, '97%'],
  [0.9995, '>99.9%'],
  [0.994, '99.4%'],
  [0, '<1%'],
])('says that a span is slower than %f of its kind', (below, words) => {
  render(<AmongUsual details={{ usual: { below, count: 12345 } }} />);
  expect(screen.getByTestId('among-usual').textContent).toBe(`${words} of 12,345 in the last day`);
});
