import React, { useMemo } from 'react';
import { formatTime, plural } from '../trace/format';
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
      <h5>Related</h5>
      {origin >= 0 && <Group words="The error starts in" rows={[origin]} />}
      {weak.map((w) => (
        <Group key={`${w.row}${w.asParent}`} words={`${w.asParent ? 'Offered as parent, not proven' : 'This was offered as its parent'}: ${w.reason}`} rows={[w.row]} />
      ))}
      {childCount > 0 && <Group words={childCount > children.length ? `The longest of ${plural(childCount, 'child', 'children')}` : plural(childCount, 'child', 'children')} rows={children} />}
      {alikeCount > 1 && <Group words={`${place}. longest of ${alikeCount} alike`} rows={alike} />}
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
