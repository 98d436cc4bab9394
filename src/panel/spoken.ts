import type { Analysis } from '../trace/analysis';
import { clip } from '../trace/clip';
import { eventsOf } from '../trace/events';
import { formatTime, plural } from '../trace/format';
import type { Alike } from '../trace/alike';
import { groupCount, groupLabels } from '../trace/grouplabel';
import { barOf, groupAt, type Layout } from '../trace/layout';
import { labelOf, sourceWords } from '../trace/label';
import { CONFIDENCE_NAMES, Confidence, serviceOf, type Trace } from '../trace/model';

/** What a screen reader says for a span: layer, name, duration, own time, link. */
export function spoken({ trace, slices }: Analysis, layout: Layout, row: number): string {
  const group = groupAt(layout, barOf(layout, row));
  if (group >= 0) {
    return spokenGroup(trace, layout.alike!, group, row);
  }
  const link = trace.confidence[row] === Confidence.Root ? 'entry of the trace' : `parent ${CONFIDENCE_NAMES[trace.confidence[row]]}`;
  const who = serviceOf(trace, row);
  const events = eventsOf(trace, row).length;
  return [
    `${sourceWords(trace, row)} span ${clip(labelOf(trace, row))}`,
    who && `of ${who}`,
    formatTime(trace.end[row] - trace.start[row]),
    `own ${formatTime(slices.own[row])}`,
    trace.error[row] ? 'failed' : '',
    link,
    events > 0 ? `${plural(events, 'event')}, E goes to them` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function spokenGroup(t: Trace, a: Alike, g: number, row: number): string {
  const who = serviceOf(t, row);
  return [
    `${groupCount(a, g)} alike ${sourceWords(t, row)} spans ${clip(groupLabels(t, a, g)[0])}`,
    who && `of ${who}`,
    `hold ${formatTime(a.held[g])}`,
    `median ${formatTime(a.p50[g])}`,
    `longest ${formatTime(a.max[g])}`,
    a.failed[g] > 0 ? `${a.failed[g]} failed` : '',
    `at most ${a.peak[g]} at once`,
    `one of them lasts ${formatTime(t.end[row] - t.start[row])}`,
    'Enter opens them',
  ]
    .filter(Boolean)
    .join(', ');
}
