import { t } from '../language/t';
import type { Analysis } from '../trace/analysis';
import { clip } from '../trace/clip';
import { eventsOf } from '../trace/events';
import { formatCount, formatTime } from '../trace/format';
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
  const who = serviceOf(trace, row);
  const events = eventsOf(trace, row).length;
  return [
    t('spoken.span', '{{source}} span {{name}}', { source: sourceWords(trace, row), name: clip(labelOf(trace, row)) }),
    who && t('spoken.of', 'of {{service}}', { service: who }),
    formatTime(trace.end[row] - trace.start[row]),
    t('spoken.own', 'own {{time}}', { time: formatTime(slices.own[row]) }),
    trace.error[row] && t('linked.failed', 'failed'),
    linkWords(trace.confidence[row]),
    events === 1 ? t('spoken.event', '1 event, E goes to it') : events > 1 && t('spoken.events', '{{n}} events, E goes to them', { n: formatCount(events) }),
  ]
    .filter(Boolean)
    .join(', ');
}

const linkWords = (confidence: number): string =>
  confidence === Confidence.Root
    ? t('spoken.entry', 'entry of the trace')
    : t('spoken.parent', 'parent {{confidence}}', { confidence: CONFIDENCE_NAMES[confidence] });

function spokenGroup(trace: Trace, alike: Alike, group: number, row: number): string {
  const who = serviceOf(trace, row);
  return [
    t('spoken.alike', '{{n}} alike {{source}} spans {{name}}', { n: groupCount(alike, group), source: sourceWords(trace, row), name: clip(groupLabels(trace, alike, group)[0]) }),
    who && t('spoken.of', 'of {{service}}', { service: who }),
    t('spoken.hold', 'hold {{time}}', { time: formatTime(alike.held[group]) }),
    t('spoken.median', 'median {{time}}', { time: formatTime(alike.p50[group]) }),
    t('spoken.longest', 'longest {{time}}', { time: formatTime(alike.max[group]) }),
    alike.failed[group] > 0 && t('spoken.failed', '{{n}} failed', { n: alike.failed[group] }),
    t('spoken.at-once', 'at most {{n}} at once', { n: alike.peak[group] }),
    t('spoken.lasts', 'one of them lasts {{time}}', { time: formatTime(trace.end[row] - trace.start[row]) }),
    t('spoken.enter', 'Enter opens them'),
  ]
    .filter(Boolean)
    .join(', ');
}
