import React, { useMemo } from 'react';
import { children as countChildren } from '../language/counts';
import { t } from '../language/t';
import { formatTime } from '../trace/format';
import { labelOf } from '../trace/label';
import { relatedTo } from '../trace/related';
import { Badge } from './Badge';
import { useTrace } from './context';

/** What belongs to the selected span beyond its parent. */
export function RelatedSection({ row }: { row: number }) {
  const { analysis } = useTrace();
  const related = useMemo(() => relatedTo(analysis, row), [analysis, row]);
  const { children, childCount, alike, alikeCount, place, origin, weak } = related;
  if (childCount === 0 && alikeCount < 2 && origin < 0 && weak.length === 0) {
    return null;
  }
  return (
    <section data-testid="related">
      <h5>{t('related.title', 'Related')}</h5>
      {origin >= 0 && <Group words={t('related.error', 'The error starts in')} rows={[origin]} />}
      {weak.map((w) => (
        <Group key={`${w.row}${w.asParent}`} words={w.asParent ? t('related.offered', 'Offered as parent, not proven: {{why}}', { why: w.reason }) : t('related.offered-as', 'This was offered as its parent: {{why}}', { why: w.reason })} rows={[w.row]} />
      ))}
      {childCount > 0 && <Group words={childCount > children.length ? t('related.longest', 'The longest of {{children}}', { children: countChildren(childCount) }) : countChildren(childCount)} rows={children} />}
      {alikeCount > 1 && <Group words={t('related.place', '{{place}}. longest of {{n}} alike', { place, n: alikeCount })} rows={alike} />}
    </section>
  );
}

function Group({ words, rows }: { words: string; rows: number[] }) {
  const { analysis, select } = useTrace();
  const { trace } = analysis;
  return (
    <div className="tl-related">
      <div className="tl-dim">{words}</div>
      {rows.map((r) => (
        <button key={r} className="tl-related-row" title={labelOf(trace, r)} onClick={() => select(r, true)}>
          <Badge row={r} />
          <span>{labelOf(trace, r)}</span>
          <b>{formatTime(trace.end[r] - trace.start[r])}</b>
        </button>
      ))}
    </div>
  );
}
