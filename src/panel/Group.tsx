// What is known of a bar of many alike spans: in the tooltip, and over the details of the
// one of them that is selected.
import React from 'react';
import { t } from '../language/t';
import { clip } from '../trace/clip';
import { formatCount, formatShare, formatTime } from '../trace/format';
import { groupCount, groupLabels } from '../trace/grouplabel';
import { barOf, groupAt, openGroupOf } from '../trace/layout';
import { serviceOf } from '../trace/model';
import { Badge } from './Badge';
import { DifferLink } from './differing/DifferLink';
import { useTrace } from './context';

export function GroupTip({ group }: { group: number }) {
  const { analysis, layout } = useTrace();
  const alike = layout.alike!;
  const first = alike.members[alike.memberStart[group]];
  const [label, sublabel] = groupLabels(analysis.trace, alike, group);
  return (
    <>
      <h4>
        <Badge row={first} />×{formatCount(groupCount(alike, group))} {clip(label)}
      </h4>
      <div className="tl-dim">{[serviceOf(analysis.trace, first), sublabel].filter(Boolean).map((w) => clip(w)).join(' · ')}</div>
      <GroupFigures group={group} />
      <div className="tl-dim">{alike.open[group] ? t('group.closes', 'double click closes the group') : t('group.opens', 'click selects the one that ran here, double click opens all')}</div>
    </>
  );
}

function GroupFigures({ group }: { group: number }) {
  const { analysis, layout } = useTrace();
  const { trace } = analysis;
  const a = layout.alike!;
  return (
    <dl className="tl-kv">
      <dt>{t('group.held', 'held')}</dt>
      <dd>
        <b>{formatTime(a.held[group])}</b> <span className="tl-dim">{t('drawer.of-trace', '{{share}} of trace', { share: formatShare(a.held[group], trace.to - trace.from) })}</span>
      </dd>
      <dt>{t('tip.own', 'own time')}</dt>
      <dd>
        {formatTime(a.own[group])} <span className="tl-dim">{t('group.of', 'of {{time}}, all added up', { time: formatTime(a.time[group]) })}</span>
      </dd>
      <dt>{t('group.percentiles', 'p50, p99, max')}</dt>
      <dd>
        {formatTime(a.p50[group])}, {formatTime(a.p99[group])}, {formatTime(a.max[group])}
      </dd>
      <dt>{t('group.at-once', 'at once')}</dt>
      <dd>{t('group.at-most', '{{n}} at most', { n: formatCount(a.peak[group]) })}</dd>
      {a.failed[group] > 0 && (
        <>
          <dt>{t('linked.failed', 'failed')}</dt>
          <dd style={{ color: 'var(--tl-error)' }}>{formatCount(a.failed[group])}</dd>
        </>
      )}
    </dl>
  );
}

/** In the details: the group that the span is one of, and a button that opens or closes it. */
export function GroupSection({ row }: { row: number }) {
  const { analysis, layout, select, toggleGroup } = useTrace();
  const closed = groupAt(layout, barOf(layout, row));
  const group = closed >= 0 ? closed : openGroupOf(layout, row);
  if (group < 0) {
    return null;
  }
  const alike = layout.alike!;
  return (
    <section data-testid="alike">
      <h5 title={groupLabels(analysis.trace, alike, group)[0]}>
        {t('group.one-of', 'One of {{n}} alike: {{name}}', { n: formatCount(groupCount(alike, group)), name: clip(groupLabels(analysis.trace, alike, group)[0]) })}
      </h5>
      <GroupFigures group={group} />
      <DifferLink of="alike" />{' '}
      <button className="tl-link" onClick={() => toggleGroup(group)}>
        {closed >= 0 ? t('group.open', 'Open the group') : t('group.close', 'Close the group')}
      </button>{' '}
      {alike.longest[group] !== row && (
        <button className="tl-link" onClick={() => select(alike.longest[group], true)}>
          {t('group.longest', 'Go to the longest')}
        </button>
      )}
    </section>
  );
}
