// From an attribute of a span to the traces that have it. Without Grafana around there is no way to.
import { createContext } from 'react';
import type { AttributeFilter } from '../trace/details/attributeFilter';

export interface TraceFilters {
  /** Address of a search in Explore. */
  explore: (filter: AttributeFilter) => string;
  /** Narrows the dashboard, where it has a variable for filters: its list then has these traces only. */
  dashboard?: { href: (filter: AttributeFilter) => string; add: (filter: AttributeFilter) => void };
}

export const TraceFiltersContext = createContext<TraceFilters | null>(null);
