import React from 'react';
import { render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { Tones } from '../../canvas/colour';
import { paletteFor } from '../../canvas/theme';
import { analyse } from '../../trace/analysis';
import { spans } from '../../trace/fixture';
import { readTrace } from '../../trace/frame';
import { TraceContext, type TraceView } from '../context';
import { LinkSection } from './LinkSection';

function show(measured: unknown, rule = 'passage: sole input') {
  const frame = spans([[-1, 0, 90e6], [0, 1e6, 5e6]], { rule: ['', rule], confidence: ['', 'inferred'], reason: ['', 'nothing else waited'] });
  Object.assign(frame.meta!.custom!, { measured });
  const analysis = analyse(readTrace(frame));
  render(
    <TraceContext.Provider value={{ analysis, select: vi.fn(), tones: new Tones(analysis.trace.groups, paletteFor(true)) } as unknown as TraceView}>
      <LinkSection row={1} />
    </TraceContext.Provider>
  );
}

it('says of a link that is not proven by which rule it was made, and how often that rule was right', () => {
  show({ 'passage: sole input': { right: 2799, wrong: 1 } });
  expect(screen.getByTestId('link').textContent).toContain('passage: sole input');
  expect(screen.getByTestId('measured').textContent).toBe('Measured on programs whose truth is known: 2,799 of 2,800 links of this rule were right (99.96 %).');
});

it('says nothing of a rule that was not measured, or by an older backend', () => {
  for (const measured of [undefined, { passage: { right: 5, wrong: 0 } }, { 'passage: sole input': { right: 0, wrong: 0 } }, { 'passage: sole input': 7 }]) {
    show(measured);
  }
  expect(screen.queryAllByTestId('measured')).toEqual([]);
});
