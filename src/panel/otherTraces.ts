// How another trace is opened from this one: by the dashboard's variables, or in Explore.
// Without Grafana around there is no way to.
import { createContext } from 'react';

export interface OtherTraces {
  /** Address of a span of another trace, so that it opens in another tab, too. */
  href: (traceId: string, spanId: string) => string;
  /** Opens it here, with a way back; undefined where the address is the only way. */
  open?: (traceId: string, spanId: string) => void;
}

export const OtherTracesContext = createContext<OtherTraces | null>(null);
