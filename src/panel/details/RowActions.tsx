import React, { useContext } from 'react';
import { t } from '../../language/t';
import type { Attribute } from '../../trace/details/attribute';
import { filterOf, type AttributeOf } from '../../trace/details/attributeFilter';
import { TraceFiltersContext } from '../traceFilters';
import { CopyButton } from './CopyButton';

/** What a row is of: an attribute of a span, of its resource or of an event, or something else. */
export type Of = AttributeOf | 'other';

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** What can be done with a row; shown when the pointer or the keyboard is on it. */
export function RowActions({ attribute, of }: { attribute: Attribute; of: Of }) {
  return (
    <span className="tl-row-acts">
      {of !== 'other' && <FindTraces attribute={attribute} of={of} />}
      <CopyButton text={wordOf(attribute.value)} what={attribute.key} />
    </span>
  );
}

/** To the traces that have the attribute: in the dashboard's list, and in Explore. */
function FindTraces({ attribute, of }: { attribute: Attribute; of: AttributeOf }) {
  const filters = useContext(TraceFiltersContext);
  const filter = filterOf(attribute, of);
  if (!filters || !filter) {
    return null;
  }
  const { dashboard } = filters;
  const here = (e: React.MouseEvent) => {
    if (dashboard && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) {
      e.preventDefault();
      dashboard.add(filter);
    }
  };
  const only = t('details.filter', 'Filter the dashboard: traces with this {{key}}', { key: attribute.key });
  const find = t('details.find', 'Find traces with this {{key}} in Explore', { key: attribute.key });
  return (
    <>
      {dashboard && (
        <a className="tl-row-act" href={dashboard.href(filter)} onClick={here} aria-label={only} title={only}>
          <Icon path="M1 1.5h10L7 6.5v4l-2-1v-3z" />
        </a>
      )}
      <a className="tl-row-act" href={filters.explore(filter)} target="_blank" rel="noreferrer" aria-label={find} title={find}>
        <Icon path="M5 1.2a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 1 0 0-7.6M7.8 7.8l3 3" />
      </a>
    </>
  );
}

const Icon = ({ path }: { path: string }) => (
  <svg width="12" height="12" viewBox="0 0 12 12" fill="none" stroke="currentColor" aria-hidden>
    <path d={path} />
  </svg>
);
