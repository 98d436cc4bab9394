// What the panel asks the data source beside its query. Without Grafana around, or in a
// snapshot, there is nobody to ask.
import { createContext } from 'react';

export interface Backend {
  /** The whole trace as OTLP in JSON, by its id or that of any of its spans. */
  exportOtlp: (id: string) => Promise<Blob>;
  /** In which attributes spans of a trace differ from others, by ids. */
  differences: (selected: string[], others: string[]) => Promise<unknown>;
}

export const BackendContext = createContext<Backend | null>(null);

/** What went wrong, in the words of who was asked. */
export function reasonOf(error: unknown): string {
  const { data, message, statusText } = (error ?? {}) as { data?: { message?: unknown }; message?: unknown; statusText?: unknown };
  return String(data?.message ?? message ?? statusText ?? error);
}
