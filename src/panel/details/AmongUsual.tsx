import React from 'react';
import { t } from '../../language/t';
import { formatCount } from '../../trace/format';

/** Where the span's duration lies among those of its kind in the day before. */
export function AmongUsual({ details }: { details: unknown }) {
  const { below, count } = ((details as { usual?: unknown } | null | undefined)?.usual ?? {}) as Record<string, unknown>;
  if (typeof below !== 'number' || typeof count !== 'number') {
    return null;
  }
  return (
    <>
      <dt>{t('details.slower', 'slower than')}</dt>
      <dd data-testid="among-usual">
        {sharesOf(below)} <span className="tl-dim">{t('details.of-last-day', 'of {{n}} in the last day', { n: formatCount(count) })}</span>
      </dd>
    </>
  );
}

// Never all and never none: the span is one of them.
const sharesOf = (below: number): string => (below > 0.999 ? '>99.9%' : below > 0.99 ? `${(below * 100).toFixed(1)}%` : below < 0.01 ? '<1%' : `${Math.round(below * 100)}%`);
