// Saved files as the data source reads them. Nothing is stored: each question brings the file along.
import { createContext } from 'react';
import type { FrameLike } from '../../trace/frame';
import type { Finder } from '../backend';

/** A trace of a file, by its first span. */
export interface FileTrace {
  id: string;
  service: string;
  name: string;
  startNs: string;
  /** Nanoseconds. */
  duration: number;
  spans: number;
  failed: number;
}

/** What a file holds. */
export interface FileContents {
  /** "OTLP", "Jaeger's JSON", ... */
  format: string;
  traces: FileTrace[];
  /** What is not there, and why. */
  leftOut: string[];
  /** Of the trace that is shown; undefined where there are several and none was chosen. */
  chosen?: string;
  frame?: FrameLike;
}

/** Who reads files. `trace` is the id of one of a file's traces, 'all' for all as one, '' for the only one. */
export interface TraceFiles {
  read: (file: Blob, trace: string) => Promise<FileContents>;
  /** All of a span. */
  span: (file: Blob, trace: string, spanId: string) => Promise<Record<string, unknown>>;
  attributeKeys: (file: Blob, trace: string) => Promise<string[]>;
  /** Values by the span's id. */
  attributeValues: (file: Blob, trace: string, key: string) => Promise<Record<string, string>>;
  /** Finds in one of a file's traces; which span's id it is asked by makes no difference. */
  finder: (file: Blob, trace: string) => Finder;
  /** In which attributes spans of a trace differ from others, by ids. */
  differences: (file: Blob, trace: string, selected: string[], others: string[]) => Promise<unknown>;
  /** The trace as OTLP in JSON. */
  otlp: (file: Blob, trace: string) => Promise<Blob>;
}

/** How a part of the panel opens a file. */
export interface FileOpening {
  open: (file: File) => void;
  /** Whether what is shown is of a file. */
  opened: boolean;
}

/** Null where nobody can be asked to read files. */
export const FileContext = createContext<FileOpening | null>(null);
