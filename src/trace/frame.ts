// Reads the data frame that the datasource makes for one trace. Fields that are missing
// or of another length read as empty, so that an older or newer backend still gives a
// picture; only ids of parents are needed to draw a tree.
import { Confidence, Point, POINT_NAMES, Source, SOURCE_NAMES, TEXT_COLUMNS } from './model';
import type { TextColumn, Trace, TraceMeta } from './model';
import { alignClocks, type Clocks } from './clocks';
import { callerOf } from './hops';
import { endName } from './owner';
import { readLate } from './late';
import { readLinkedFrom, readLinkedTo } from './linked';
import { runSteps, type Steps } from './steps';
import { treeSteps } from './tree';
import { ranWithin } from './within';

/** The part of @grafana/data's DataFrame that is read, so that tests need no Grafana. */
export interface FrameLike {
  length?: number;
  fields: Array<{ name: string; values: ArrayLike<unknown>; config?: { type?: { enum?: { text?: string[] } } } }>;
  meta?: { custom?: Record<string, unknown> };
}

export const isTraceFrame = (frame: FrameLike): boolean =>
  frame.meta?.custom?.throughline === 'trace' ||
  ['parentIdx', 'offset', 'duration'].every((name) => frame.fields.some((f) => f.name === name));

export const readTrace = (frame: FrameLike, clocks: Clocks = 'auto'): Trace => runSteps(readSteps(frame, clocks));

/** Reads a frame with a stop after each pass over it, so that a page can answer in between. */
export function* readSteps(frame: FrameLike, clocks: Clocks = 'auto'): Steps<Trace> {
  const fields = columnsOf(frame);
  const n = frame.length ?? Math.max(0, ...frame.fields.map((f) => f.values.length));
  const column = (name: string): ArrayLike<unknown> => {
    const values = fields.get(name)?.();
    return values && values.length === n ? values : [];
  };
  const start = floats(column('offset'), n);
  const end = floats(column('duration'), n);
  const response = floats(column('response'), n);
  for (let i = 0; i < n; i++) {
    end[i] = start[i] + Math.max(0, end[i]);
    response[i] = response[i] > 0 ? start[i] + response[i] : 0;
  }
  const parents = parentColumn(column('parentIdx'), n);
  yield;
  const text = {} as Record<TextColumn, ArrayLike<string>>;
  const empty = new Array<string>(n).fill('');
  for (const name of TEXT_COLUMNS) {
    text[name] = strings(name === 'reason' ? reasons(column(name), column('reasonValue')) : column(name), n, empty);
    yield;
  }
  const source = codes(column('source'), n, SOURCE_NAMES, Source.App);
  const point = codes(column('point'), n, POINT_NAMES, Point.Other);
  yield;
  const meta = readMeta(frame.meta?.custom ?? {}, source);
  meta.aligned = alignClocks({ start, end, response, node: text.node }, meta, clocks);
  meta.weak = weakLinks(frame.meta?.custom?.weak, text.id, n);
  meta.late = readLate(frame.meta?.custom?.late, n);
  meta.resent = retransmissions(frame.meta?.custom?.retransmissions);
  yield;
  const tree = yield* treeSteps(parents, start, end);
  yield;
  const service = yield* intern(column('service'), n);
  yield;
  const extents = extent(start, end);
  const confidence = confidences(column('confidence'), text.orphan, tree.parent);
  yield;
  const error = flags(column('error'), n);
  const code = Int32Array.from(floats(column('code'), n));
  yield;
  const extra = extraColumns(fields, n);
  yield;
  const trace: Trace = {
    ...tree,
    ...ranWithin(tree, frame.meta?.custom?.within, start, end),
    ...service,
    group: service.service,
    groups: service.services,
    groupBy: 'service',
    ...extents,
    meta,
    length: n,
    main: -1,
    start,
    end,
    response,
    source,
    point,
    confidence,
    error,
    origin: new Uint8Array(n),
    missing: Uint8Array.from(floats(column('missing'), n)),
    gap: Uint8Array.from(floats(column('gap'), n)),
    code,
    text,
    extra,
    events: column('events'),
  };
  trace.main = mainRoot(trace);
  if (trace.main >= 0) {
    // The first root has no parent by nature; whoever said it should have one was wrong.
    trace.confidence[trace.main] = Confidence.Root;
  }
  yield;
  trace.origin = errorOrigins(trace);
  if (column('owner').length === 0) {
    text.owner = Array.from({ length: n }, (_, i) => endName(trace, callerOf(trace, i))); // an older backend
  }
  yield;
  return trace;
}

type Columns = ReadonlyMap<string, () => ArrayLike<unknown>>;

// Columns by name, each made when it is asked for. A column of words comes as an enumeration,
// a number for each row; columns that go together come as one number for all of them.
function columnsOf(frame: FrameLike): Columns {
  const columns = new Map<string, () => ArrayLike<unknown>>();
  for (const { name, values, config } of frame.fields) {
    const words = config?.type?.enum?.text;
    columns.set(name, words ? () => pick(values, words) : () => values);
  }
  const { field, columns: together } = (frame.meta?.custom?.shared ?? {}) as { field?: string; columns?: Record<string, unknown> };
  const rows = typeof field === 'string' ? columns.get(field)?.() : undefined;
  if (rows && together) {
    for (const [name, words] of Object.entries(together)) {
      if (Array.isArray(words)) {
        columns.set(name, () => pick(rows, words));
      }
    }
  }
  return columns;
}

const pick = (numbers: ArrayLike<unknown>, words: readonly unknown[]): unknown[] => {
  const out = new Array<unknown>(numbers.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = words[numbers[i] as number] ?? '';
  }
  return out;
};

const HOLE = '\u0001';

// A reason's words have a hole where its value, in a column of its own, belongs.
function reasons(words: ArrayLike<unknown>, values: ArrayLike<unknown>): ArrayLike<unknown> {
  if (values.length !== words.length) {
    return words;
  }
  return Array.from(words, (text, i) => (typeof text === 'string' && values[i] ? text.replace(HOLE, () => String(values[i])) : text));
}

function readMeta(custom: Record<string, unknown>, source: Uint8Array): TraceMeta {
  const counted = [0, 0, 0];
  source.forEach((s) => counted[s]++);
  const record = (v: unknown) => (v !== null && typeof v === 'object' ? (v as Record<string, unknown>) : {});
  return {
    traceId: String(custom.traceId ?? ''),
    startNs: String(custom.startNs ?? ''),
    counts: { app: counted[Source.App], sys: counted[Source.Sys], net: counted[Source.Net] },
    offsets: Object.fromEntries(Object.entries(record(custom.offsets)).map(([node, ns]) => [node, Number(ns) || 0])),
    aligned: custom.aligned === true,
    skewed: (Array.isArray(custom.skewed) ? custom.skewed : []).map(String),
    weak: [],
    linkedTo: readLinkedTo(custom.linkedTo, source.length),
    linkedFrom: readLinkedFrom(custom.linkedFrom, source.length),
    late: [],
    resent: new Map(),
    usual: Object.fromEntries(Object.entries(record(custom.usual)).filter(([, ns]) => typeof ns === 'number' && ns >= 0)) as Record<string, number>,
    truncated: typeof custom.truncated === 'string' ? custom.truncated : '',
    roundTrips: typeof custom.roundTrips === 'number' ? custom.roundTrips : undefined,
  };
}

// By row or by id; a link to a span that is not here is of no use.
function weakLinks(links: unknown, id: ArrayLike<string>, n: number): TraceMeta['weak'] {
  if (!Array.isArray(links) || links.length === 0) {
    return [];
  }
  const rows = new Map(Array.from(id, (text, i) => [text, i]));
  const row = (v: unknown): number => (typeof v === 'number' && Number.isInteger(v) && v >= 0 && v < n ? v : typeof v === 'string' ? (rows.get(v) ?? -1) : -1);
  return links
    .map((link) => ({ span: row(link?.span), parent: row(link?.parent), reason: String(link?.reason ?? '') }))
    .filter((link) => link.span >= 0 && link.parent >= 0);
}

// Pairs of a row and how many packets were sent again there.
function retransmissions(said: unknown): Map<number, number> {
  const pairs = (Array.isArray(said) ? said : []).filter((p) => Array.isArray(p) && Number.isInteger(p[0]) && p[1] > 0) as Array<[number, number]>;
  return new Map(pairs.map(([row, n]) => [row, n]));
}

function floats(values: ArrayLike<unknown>, n: number): Float64Array {
  const out = new Float64Array(n);
  for (let i = 0; i < values.length; i++) {
    const v = Number(values[i]);
    out[i] = Number.isFinite(v) ? v : 0;
  }
  return out;
}

function parentColumn(values: ArrayLike<unknown>, n: number): Int32Array {
  const out = new Int32Array(n).fill(-1);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    out[i] = typeof v === 'number' ? v : -1;
  }
  return out;
}

// A whole column of text stays as it came, without a copy; what is not text reads as ''.
function strings(values: ArrayLike<unknown>, n: number, empty: readonly string[]): ArrayLike<string> {
  if (values.length === 0) {
    return empty; // one for all the columns that are not there
  }
  for (let i = 0; i < n; i++) {
    if (typeof values[i] !== 'string') {
      return Array.from(values, (v) => (v === null || v === undefined ? '' : String(v)));
    }
  }
  return values as ArrayLike<string>;
}

const KNOWN: ReadonlySet<string> = new Set([...TEXT_COLUMNS, 'parentIdx', 'depth', 'source', 'point', 'service', 'offset', 'duration', 'response', 'code', 'error', 'confidence', 'missing', 'gap', 'events', 'reasonValue', 'seenAt']);

function extraColumns(fields: Columns, n: number): Record<string, ArrayLike<string>> {
  const extra: Record<string, ArrayLike<string>> = {};
  for (const [name, make] of fields) {
    const values = KNOWN.has(name) ? [] : make();
    if (values.length === n && n > 0) {
      extra[name] = strings(values, n, []);
    }
  }
  return extra;
}

function codes(values: ArrayLike<unknown>, n: number, names: readonly string[], fallback: number): Uint8Array {
  const known = new Map(names.map((name, k) => [name, k]));
  const out = new Uint8Array(n).fill(fallback);
  for (let i = 0; i < values.length; i++) {
    out[i] = known.get(values[i] as string) ?? fallback;
  }
  return out;
}

function flags(values: ArrayLike<unknown>, n: number): Uint8Array {
  const out = new Uint8Array(n);
  for (let i = 0; i < values.length; i++) {
    out[i] = values[i] === true || values[i] === 1 ? 1 : 0;
  }
  return out;
}

const CHUNK = 65_536; // spans between stops

function* intern(values: ArrayLike<unknown>, n: number): Steps<{ service: Int32Array; services: string[] }> {
  const numbers = new Map<string, number>();
  const service = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    if (i % CHUNK === CHUNK - 1) {
      yield;
    }
    const name = typeof values[i] === 'string' ? (values[i] as string) : '';
    let number = numbers.get(name);
    if (number === undefined) {
      numbers.set(name, (number = numbers.size));
    }
    service[i] = number;
  }
  return { service, services: [...numbers.keys()] };
}

function confidences(values: ArrayLike<unknown>, orphan: ArrayLike<string>, parent: Int32Array): Uint8Array {
  const out = new Uint8Array(parent.length);
  for (let i = 0; i < parent.length; i++) {
    const v = values[i];
    out[i] = parent[i] < 0 ? (orphan[i] ? Confidence.None : Confidence.Root) : v === 'inferred' ? Confidence.Inferred : v === 'causal' ? Confidence.Causal : Confidence.Proven;
  }
  return out;
}

function extent(start: Float64Array, end: Float64Array): { from: number; to: number } {
  let from = Infinity;
  let to = -Infinity;
  for (let i = 0; i < start.length; i++) {
    from = Math.min(from, start[i]);
    to = Math.max(to, end[i]);
  }
  return start.length > 0 ? { from, to } : { from: 0, to: 0 };
}

// The longest root that claims to be one; where all are orphans, the longest of them.
function mainRoot(t: Trace): number {
  let best = -1;
  const better = (i: number, j: number) => {
    const orphan = (k: number) => (t.confidence[k] === Confidence.None ? 1 : 0);
    return orphan(i) - orphan(j) || t.end[j] - t.start[j] - (t.end[i] - t.start[i]) || t.start[i] - t.start[j];
  };
  for (const r of t.roots) {
    if (best < 0 || better(r, best) < 0) {
      best = r;
    }
  }
  return best;
}

// Where an error starts: a failed span with no failed span anywhere below it.
function errorOrigins(t: Trace): Uint8Array {
  const origin = t.error.slice();
  const below = new Uint8Array(t.length);
  for (let k = t.length - 1; k >= 0; k--) {
    const i = t.order[k];
    if (below[i]) {
      origin[i] = 0;
    }
    if (t.parent[i] >= 0 && (below[i] || t.error[i])) {
      below[t.parent[i]] = 1;
    }
  }
  return origin;
}
