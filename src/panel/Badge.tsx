import React from 'react';
import { groupOf, Source, SOURCE_MARKS } from '../trace/model';
import { useTrace } from './context';

/** The mark of a span's layer: a round A, a square S, a grey N; an error's origin is "!". */
export function Badge({ row }: { row: number }) {
  const { analysis, tones } = useTrace();
  const { trace } = analysis;
  const source = trace.source[row];
  const origin = trace.origin[row] === 1;
  const names = ['tl-badge', source === Source.App ? 'tl-a' : '', origin ? 'tl-origin' : trace.error[row] ? 'tl-passed' : ''];
  const background = source === Source.Net ? tones.strand(groupOf(trace, row)).row : tones.of(groupOf(trace, row)).self;
  return (
    <span className={names.join(' ')} style={{ background }}>
      {origin ? '!' : SOURCE_MARKS[source]}
    </span>
  );
}
