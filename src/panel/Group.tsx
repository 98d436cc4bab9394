// What is known of a bar of many alike spans: in the tooltip, and over the details of the
// one of them that is selected.
import React from 'react';
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
      <div className="tl-dim">{alike.open[group] ? 'double click closes the group' : 'click selects the one that ran here, double click opens all'}</div>
    </>
  );
}

function GroupFigures({ group }: { group: number }) {
  const { analysis, layout } = useTrace();
  const { trace } = analysis;
  const a = layout.alike!;
  return (
    <dl className="tl-kv">
      <dt>held</dt>
      <dd>
        <b>{formatTime(a.held[group])}</b> <span className="tl-dim">{formatShare(a.held[group], trace.to - trace.from)} of trace</span>
      </dd>
      <dt>own time</dt>
      <dd>
        {formatTime(a.own[group])} <span className="tl-dim">of {formatTime(a.time[group])}, all added up</span>
      </dd>
      <dt>p50, p99, max</dt>
      <dd>
        {formatTime(a.p50[group])}, {formatTime(a.p99[group])}, {formatTime(a.max[group])}
      </dd>
      <dt>at once</dt>
      <dd>{formatCount(a.peak[group])} at most</dd>
      {a.failed[group] > 0 && (
        <>
          <dt>failed</dt>
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
        One of {formatCount(groupCount(alike, group))} alike: {clip(groupLabels(analysis.trace, alike, group)[0])}
      </h5>
      <GroupFigures group={group} />
      <DifferLink of="alike" />{' '}
      <button className="tl-link" onClick={() => toggleGroup(group)}>
        {closed >= 0 ? 'Open the group' : 'Close the group'}
      </button>{' '}
      {alike.longest[group] !== row && (
        <button className="tl-link" onClick={() => select(alike.longest[group], true)}>
          Go to the longest
        </button>
      )}
    </section>
  );
}
