import React, { useMemo } from 'react';
import { links as countLinks } from '../../language/counts';
import { t } from '../../language/t';
import { formatCount } from '../../trace/format';
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
    <button className="tl-layer tl-trust" title={t('header.trust', 'Links to parents, and how sure they are')} onClick={() => act.find(inferred ? 'inferred' : orphans ? 'orphan' : '')}>
      <span style={{ color: doubt ? 'var(--tl-doubt)' : 'var(--tl-ok)' }}>{doubt ? '≈' : '✓'}</span>
      <span className="tl-dim">
        {inferred > 0
          ? t('header.inferred', '{{n}} of {{links}} inferred', { n: formatCount(inferred), links: countLinks(links) })
          : t('header.proven', '{{links}} proven', { links: countLinks(links) })}
        {orphans > 0 && `, ${orphans === 1 ? t('header.orphan', '1 subtree without a parent') : t('header.orphans', '{{n}} subtrees without a parent', { n: formatCount(orphans) })}`}
      </span>
    </button>
  );
}
