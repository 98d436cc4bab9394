// Reads the data frame that the datasource makes for one trace. Fields that are missing
// or of another length read as empty, so that an older or newer backend still gives a
// picture; only ids of parents are needed to draw a tree.
import { columnOf, columnsOf, extrasOf, rowsOf, textsOf, type FrameLike } from './columns';
import { Confidence, Point, POINT_NAMES, Source, SOURCE_NAMES } from './model';
import type { Trace, TraceMeta } from './model';
import { alignClocks, type Clocks } from './clocks';
import { callerOf } from './hops';
import { endName } from './owner';
import { readLate } from './late';
import { readLinkedFrom, readLinkedTo } from './linked';
import { buildTree } from './tree';
import { ranWithin } from './within';

export type { FrameLike };

export const isTraceFrame = (frame: FrameLike): boolean =>
  frame.meta?.custom?.throughline === 'trace' ||
  ['parentIdx', 'offset', 'duration'].every((name) => frame.fields.some((f) => f.name === name));

export function readTrace(frame: FrameLike, clocks: Clocks = 'auto'): Trace {
  const columns = columnsOf(frame);
  const n = rowsOf(frame);
  const column = (name: string): ArrayLike<unknown> => columnOf(columns, name, n);
  const start = floats(column('offset'), n);
  const end = floats(column('duration'), n);
  const response = floats(column('response'), n);
  for (let i = 0; i < n; i++) {
    end[i] = start[i] + Math.max(0, end[i]);
    response[i] = response[i] > 0 ? start[i] + response[i] : 0;
  }
  const parents = parentColumn(column('parentIdx'), n);
  const text = textsOf(columns, n, () => ownersOf(trace));
  const source = codes(column('source'), n, SOURCE_NAMES, Source.App);
  const point = codes(column('point'), n, POINT_NAMES, Point.Other);
  const meta = readMeta(frame.meta?.custom ?? {}, source);
  meta.aligned = alignClocks({ start, end, response, node: text.node }, meta, clocks);
  meta.weak = weakLinks(frame.meta?.custom?.weak, () => text.id, n);
  meta.late = readLate(frame.meta?.custom?.late, n);
  meta.resent = retransmissions(frame.meta?.custom?.retransmissions);
  const tree = buildTree(parents, start, end);
  const service = intern(column('service'), n);
  const extents = extent(start, end);
  const confidence = confidences(column('confidence'), text.orphan, tree.parent);
  const error = flags(column('error'), n);
  const code = Int32Array.from(floats(column('code'), n));
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
    extra: extrasOf(columns, n),
    events: column('events'),
  };
  trace.main = mainRoot(trace);
  if (trace.main >= 0) {
    // The first root has no parent by nature; whoever said it should have one was wrong.
    trace.confidence[trace.main] = Confidence.Root;
  }
  trace.origin = errorOrigins(trace);
  return trace;
}

/** Whose time each span's own time is, where the frame is of an older backend and does not say it. */
export const ownersOf = (t: Trace): string[] => Array.from({ length: t.length }, (_, i) => endName(t, callerOf(t, i)));

/** What is told of the whole trace. */
export function readMeta(custom: Record<string, unknown>, source: Uint8Array): TraceMeta {
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
    measured: new Map(Object.entries(record(custom.measured)).map(([rule, m]) => [rule, { right: Number(record(m).right) || 0, wrong: Number(record(m).wrong) || 0 }])),
    truncated: typeof custom.truncated === 'string' ? custom.truncated : '',
    roundTrips: typeof custom.roundTrips === 'number' ? custom.roundTrips : undefined,
  };
}

// By row or by id; a link to a span that is not here is of no use.
export function weakLinks(links: unknown, ids: () => ArrayLike<string>, n: number): TraceMeta['weak'] {
  if (!Array.isArray(links) || links.length === 0) {
    return [];
  }
  const rows = new Map(links.some((link) => typeof link?.span === 'string' || typeof link?.parent === 'string') ? Array.from(ids(), (text, i) => [text, i]) : []);
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
    out[i] = Number.isInteger(v) ? (v as number) : -1;
  }
  return out;
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

function intern(values: ArrayLike<unknown>, n: number): { service: Int32Array; services: string[] } {
  const numbers = new Map<string, number>();
  const service = new Int32Array(n);
  for (let i = 0; i < n; i++) {
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
