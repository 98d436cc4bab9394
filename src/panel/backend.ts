// What the panel asks the data source beside its query. Without Grafana around, or in a
// snapshot, there is nobody to ask.
import { createContext } from 'react';
import type { KnownWord } from '../trace/find/completion';

export interface Backend {
  /** The whole trace as OTLP in JSON, by its id or that of any of its spans. */
  exportOtlp: (id: string) => Promise<Blob>;
  /** In which attributes spans of a trace differ from others, by ids. */
  differences: (selected: string[], others: string[]) => Promise<unknown>;
  /** Finds in what the frame leaves behind; there is none of a trace that is not stored. */
  finder?: Finder;
}

/** What can be asked of a stored trace, by the id of any of its spans. */
export interface Finder {
  /** Which of its spans, by our ids, a filter lets through. */
  spans: (id: string, filter: string, signal: AbortSignal) => Promise<{ spans: string[]; limited: boolean }>;
  /** The keys of attributes that it has, the most frequent first. */
  keys: (id: string, signal: AbortSignal) => Promise<KnownWords>;
  /** The values of a key that contain the text, the most frequent first. */
  values: (id: string, key: string, text: string, signal: AbortSignal) => Promise<KnownWords>;
}

/** What a filter on a trace can be written with, and whether there is more. */
export interface KnownWords {
  words: KnownWord[];
  limited: boolean;
}

export const BackendContext = createContext<Backend | null>(null);

/** What went wrong, in the words of who was asked. */
export function reasonOf(error: unknown): string {
  const { data, message, statusText } = (error ?? {}) as { data?: { message?: unknown }; message?: unknown; statusText?: unknown };
  return String(data?.message ?? message ?? statusText ?? error);
}
