// The trace as the panel works on it: one row per span, in columns of typed arrays, so
// that 100,000 spans cost a few megabytes and every pass over them is a plain loop.
// Times are nanoseconds from the start of the trace; they are whole numbers below 2^53,
// so sums of them are exact.
import type { LinkFrom, LinkTo } from './linked';
import { hasNoAnswer, isOpen } from './outcome';

/** Which layer of the system a span was seen in. */
export const enum Source {
  App = 0,
  Sys = 1,
  Net = 2,
}

/** Where on the way of a request a span was seen, in the order a request passes them. */
export const enum Point {
  ClientProcess = 0, // c-p
  Client = 1, // c
  ClientNode = 2, // c-nd
  ServerNode = 3, // s-nd
  Server = 4, // s
  ServerProcess = 5, // s-p
  App = 6,
  Other = 7,
}

/** How sure a link to the parent is. */
export const enum Confidence {
  Root = 0,
  Proven = 1,
  Causal = 2,
  Inferred = 3,
  None = 4, // a span that should have a parent and has none
}

export const SOURCE_NAMES = ['APP', 'SYS', 'NET'] as const;
export const SOURCE_MARKS = ['A', 'S', 'N'] as const;
export const POINT_NAMES = ['c-p', 'c', 'c-nd', 's-nd', 's', 's-p', 'app', ''] as const;
export const CONFIDENCE_NAMES = ['root', 'proven', 'causal', 'inferred', 'none'] as const;

/** Layers of TIME (not of spans): what a moment of the trace was spent on. */
export const enum Layer {
  Code = 0,
  Kernel = 1,
  Network = 2,
  Unseen = 3,
  /** For whom a CLIENT or PRODUCER span called. */
  Waiting = 4,
}
/** In the order they are listed. */
export const LAYERS = [Layer.Code, Layer.Waiting, Layer.Kernel, Layer.Network, Layer.Unseen] as const;
export const LAYER_NAMES = ['Code', 'Kernel + queue', 'Network', 'Not seen', 'Waiting'] as const;

/** Text columns are kept as they came: they are read only for what is on screen. */
export const TEXT_COLUMNS = [
  'id', 'spanId', 'kind', 'name', 'node', 'pod', 'ofPod', 'namespace', 'interface', 'interfaceType', 'tunnel',
  'protocol', 'request', 'client', 'server', 'status', 'rule', 'reason', 'orphan', 'owner', 'peer', 'peerKind', 'message',
] as const;
export type TextColumn = (typeof TEXT_COLUMNS)[number];

/** A time in which a request was on its way although its first byte had passed. */
export interface Late {
  /** Nanoseconds from the trace's start, by the main root's clock. */
  from: number;
  to: number;
  /** Rows of the points between which the request was. */
  before: number;
  after: number;
  /** Rows that waited. */
  spans: number[];
}

export interface TraceMeta {
  traceId: string;
  /** Unix nanoseconds of the trace's start; too large for a number. */
  startNs: string;
  counts: { app: number; sys: number; net: number };
  /** By how many nanoseconds each node's clock is ahead of the main root's, estimated. */
  offsets: Record<string, number>;
  /** True where the offsets were taken off all times, as raw times contradict a session. */
  aligned: boolean;
  /** Nodes whose raw times contradict a session. */
  skewed: string[];
  /** What the server left out, in words; empty when nothing was. */
  truncated: string;
  roundTrips?: number;
  /** Links that were offered and not made. */
  weak: Array<{ span: number; parent: number; reason: string }>;
  /** Links of spans of this trace, and from spans of others to it. */
  linkedTo: LinkTo[];
  linkedFrom: LinkFrom[];
  /** Times in which a request came late, as a packet of it was lost. */
  late: Late[];
  /** Packets sent again, by row of the interface that saw them again. */
  resent: ReadonlyMap<number, number>;
  /** Median duration in nanoseconds by "service|name|point"; empty where nobody keeps it. */
  usual: Record<string, number>;
  /** How often a rule's links were right where the truth was known, by the rule's text in a row. */
  measured: ReadonlyMap<string, { right: number; wrong: number }>;
}

export interface Tree {
  /** Parent row, -1 for a root. Cycles of the input are cut. */
  parent: Int32Array;
  depth: Int32Array;
  roots: Int32Array;
  /** Rows in pre-order, siblings by start. */
  order: Int32Array;
  /** Children of row i: children[childStart[i]] up to children[childStart[i + 1]], by start. */
  childStart: Int32Array;
  children: Int32Array;
}

/** In whose time each span ran: its parent's, unless it outlived it (see within.ts). */
export interface Within {
  /** Row in whose time a span ran, -1 for nobody's: it is a root, or asynchronous. */
  within: Int32Array;
  /** Who ran within row i: inner[innerStart[i]] up to inner[innerStart[i + 1]], by start. */
  innerStart: Int32Array;
  inner: Int32Array;
}

export interface Trace extends Tree, Within {
  meta: TraceMeta;
  length: number;
  /** Row of the root that the duration is taken from: the longest that is not an orphan. */
  main: number;
  /** First start and last end of all spans. */
  from: number;
  to: number;
  start: Float64Array;
  end: Float64Array;
  /** Start of the response, from the trace's start; 0 where it is not known. */
  response: Float64Array;
  source: Uint8Array;
  point: Uint8Array;
  confidence: Uint8Array;
  error: Uint8Array;
  /** 1 where an error starts: no child of the span has one. */
  origin: Uint8Array;
  /** Hops of the way between a span and its parent that somebody looked for and nobody saw. */
  missing: Uint8Array;
  /** The same, looked for or not. */
  gap: Uint8Array;
  code: Int32Array;
  service: Int32Array;
  services: string[];
  /** What colour stands for: a value per row, of the service unless chosen otherwise. */
  group: Int32Array;
  groups: string[];
  groupBy: string;
  text: Record<TextColumn, ArrayLike<string>>;
  /** Text columns of the frame that are not ours: attributes someone asked for. */
  extra: Record<string, ArrayLike<string>>;
  /** Events of each span as JSON, where the frame has them. */
  events: ArrayLike<unknown>;
}

export const isOrphan = (t: Trace, i: number): boolean => t.parent[i] < 0 && t.confidence[i] === Confidence.None;

/** A request that was not over when it was reported: its end is when that was. */
export const lasts = (t: Trace, i: number): boolean => t.source[i] !== Source.App && isOpen(t.text.status[i]);

/** A request whose answer nobody saw: its end is the last thing that was seen of it. */
export const isUnanswered = (t: Trace, i: number): boolean =>
  t.source[i] !== Source.App && t.response[i] === 0 && (t.text.status[i] === 'unknown' || hasNoAnswer(t.text.status[i]));

/** The name that gives a span its colour, '' for none. */
export const groupOf = (t: Trace, i: number): string => t.groups[t.group[i]] ?? '';

export const serviceOf = (t: Trace, i: number): string => t.services[t.service[i]] ?? '';

/** Rows of the path from the root down to i, i included. */
export function pathTo(t: Trace, i: number): number[] {
  const path: number[] = [];
  for (let j = i; j >= 0; j = t.parent[j]) {
    path.push(j);
  }
  return path.reverse();
}

/** True where nobody waited for the span. */
export const isAsynchronous = (t: Trace, i: number): boolean => t.parent[i] >= 0 && t.within[i] < 0;
