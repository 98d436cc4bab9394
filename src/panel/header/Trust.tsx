import React, { useMemo } from 'react';
import { formatCount, plural } from '../../trace/format';
import { Confidence } from '../../trace/model';
import { useTrace } from '../context';
import { hasHops } from '../state/choices';

/** How many links are doubtful. Where code alone was seen, its ids prove all: there is nothing to say. */
export function Trust() {
  const { analysis, act } = useTrace();
  const { trace } = analysis;
  const { links, inferred, orphans } = useMemo(() => {
    const n = [0, 0, 0, 0, 0];
    trace.confidence.forEach((c) => n[c]++);
    return { links: n[Confidence.Proven] + n[Confidence.Causal] + n[Confidence.Inferred], inferred: n[Confidence.Inferred], orphans: n[Confidence.None] };
  }, [trace]);
  const doubt = inferred > 0 || orphans > 0;
  if (!doubt && !hasHops(trace)) {
    return null;
  }
  return (
    <button className="tl-layer tl-trust" title="Links to parents, and how sure they are" onClick={() => act.find(inferred ? 'inferred' : orphans ? 'orphan' : '')}>
      <span style={{ color: doubt ? 'var(--tl-doubt)' : 'var(--tl-ok)' }}>{doubt ? '≈' : '✓'}</span>
      <span className="tl-dim">
        {inferred > 0 ? `${formatCount(inferred)} of ${plural(links, 'link')} inferred` : `${plural(links, 'link')} proven`}
        {orphans > 0 && `, ${plural(orphans, 'subtree')} without a parent`}
      </span>
    </button>
  );
}
