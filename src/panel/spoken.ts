import type { Analysis } from '../trace/analysis';
import { formatTime } from '../trace/format';
import { labelOf, sourceWords } from '../trace/label';
import { CONFIDENCE_NAMES, Confidence, serviceOf } from '../trace/model';

/** What a screen reader says for a span: layer, name, duration, own time, link. */
export function spoken({ trace, slices }: Analysis, row: number): string {
  const link = trace.confidence[row] === Confidence.Root ? 'entry of the trace' : `parent ${CONFIDENCE_NAMES[trace.confidence[row]]}`;
  const who = serviceOf(trace, row);
  return [
    `${sourceWords(trace, row)} span ${labelOf(trace, row)}`,
    who && `of ${who}`,
    formatTime(trace.end[row] - trace.start[row]),
    `own ${formatTime(slices.own[row])}`,
    trace.error[row] ? 'failed' : '',
    link,
  ]
    .filter(Boolean)
    .join(', ');
}
