// What a page hands to its worker of a frame, and takes from it of what was read: numbers,
// whose memory is handed over. Texts that only a page shows never leave it.
import { columnOf, columnsOf, extrasOf, rowsOf, sharedOf, textsOf, type FrameLike } from '../columns';
import type { Analysis } from '../analysis';
import type { Usual } from '../asUsual';
import { ownersOf, readMeta, weakLinks } from '../frame';
import type { Trace } from '../model';

/** What layouts, sums and matches are made from. */
const READ: ReadonlySet<string> = new Set([
  'parentIdx', 'offset', 'duration', 'response', 'missing', 'gap', 'code', 'error', 'source', 'point', 'service', 'confidence', 'orphan',
  'kind', 'name', 'node', 'pod', 'ofPod', 'tunnel', 'protocol', 'request', 'client', 'server', 'status', 'owner', 'peer', 'peerKind', 'message', 'rule',
]);
const TOLD = ['throughline', 'traceId', 'startNs', 'offsets', 'aligned', 'skewed', 'late', 'retransmissions', 'usual', 'within'] as const;

/** The frame as a worker needs it: columns of numbers, with the words they stand for. */
export function slim(frame: FrameLike): FrameLike {
  const { field, columns = {} } = sharedOf(frame);
  const custom = frame.meta?.custom ?? {};
  const together = Object.fromEntries(Object.entries(columns).filter(([name]) => READ.has(name)));
  return {
    length: rowsOf(frame),
    fields: frame.fields.filter(({ name }) => READ.has(name) || name === field).map(packed),
    meta: { custom: { ...Object.fromEntries(TOLD.map((name) => [name, custom[name]])), ...(field ? { shared: { field, columns: together } } : {}) } },
  };
}

type Field = FrameLike['fields'][number];

function packed({ name, values, config }: Field): Field {
  const words = config?.type?.enum?.text;
  const first = Array.prototype.find.call(values, (v) => v !== null && v !== undefined);
  if (words || typeof first === 'number' || typeof first === 'boolean') {
    return { name, values: numbers(values), ...(words ? { config: { type: { enum: { text: words } } } } : {}) };
  }
  const known = new Map<unknown, number>();
  const rows = new Int32Array(values.length);
  for (let i = 0; i < rows.length; i++) {
    let n = known.get(values[i]);
    if (n === undefined) {
      known.set(values[i], (n = known.size));
    }
    rows[i] = n;
  }
  return { name, values: rows, config: { type: { enum: { text: Array.from(known.keys(), (v) => (v === null || v === undefined ? '' : String(v))) } } } };
}

function numbers(values: ArrayLike<unknown>): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const v = values[i];
    out[i] = typeof v === 'number' ? v : typeof v === 'boolean' ? Number(v) : NaN;
  }
  return out;
}

/** A trace without its texts. */
export type Bare = Omit<Trace, 'text' | 'extra' | 'events'>;

export type BareAnalysis = Omit<Analysis, 'trace' | 'source'> & { trace: Bare };

export function bare({ trace, source: _, ...rest }: Analysis): BareAnalysis {
  const { text: __, extra: ___, events: ____, ...numbersOnly } = trace;
  return { ...rest, trace: numbersOnly };
}

export type BareUsual = Omit<Usual, 'analysis'> & { analysis: BareAnalysis };

/** The usual of a trace is called as the trace is. */
export const usualOfTrace = ({ analysis, ...rest }: BareUsual, { trace: { text, extra, events, meta } }: Analysis): Usual => ({
  ...rest,
  analysis: { ...analysis, trace: { ...analysis.trace, text, extra, events, meta } },
});

/** The texts of the frame put to what was read of it elsewhere. */
export function withTexts(frame: FrameLike, { trace: read, ...rest }: BareAnalysis): Analysis {
  const n = read.length;
  const columns = columnsOf(frame);
  const custom = frame.meta?.custom ?? {};
  const trace: Trace = { ...read, text: textsOf(columns, n, () => ownersOf(trace)), extra: extrasOf(columns, n), events: columnOf(columns, 'events', n) };
  const { aligned, late, resent } = read.meta;
  trace.meta = { ...readMeta(custom, read.source), aligned, late, resent, weak: weakLinks(custom.weak, () => trace.text.id, n) };
  return { ...rest, trace };
}

/** Memory of all typed arrays in a value, a few levels deep: what to hand over with it. */
export function memoryOf(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const take = (v: unknown, depth: number) => {
    if (ArrayBuffer.isView(v)) {
      found.add(v.buffer as ArrayBuffer);
    } else if (v !== null && typeof v === 'object' && depth > 0 && !(v instanceof Map) && !(v instanceof Set)) {
      Object.values(v).forEach((inner) => take(inner, depth - 1));
    }
  };
  take(value, 4);
  return [...found];
}
