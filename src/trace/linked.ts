// Links between spans, of this trace and of others. They join no traces: work that was left to
// be done later, such as a consumer's for the messages of a batch, is a trace of its own.

export interface LinkTo {
  /** Of the span that links. */
  row: number;
  traceId: string;
  spanId: string;
  /** Row that is linked to, -1 where it is of another trace or not here. */
  to: number;
}

/** From a span of another trace. */
export interface LinkFrom {
  /** Of the span that is linked to, -1 where it is not here. */
  row: number;
  traceId: string;
  spanId: string;
  service: string;
  name: string;
  kind: string;
  /** Nanoseconds after this trace's start; it may have begun before. */
  offset: number;
  duration: number;
  error: boolean;
}

type Said = Record<string, unknown>;

const listOf = (said: unknown): Said[] => (Array.isArray(said) ? said.filter((l) => l !== null && typeof l === 'object' && typeof l.traceId === 'string') : []);

const rowIn = (v: unknown, n: number): number => (Number.isInteger(v) && (v as number) >= 0 && (v as number) < n ? (v as number) : -1);

/** As `meta.custom.linkedTo` has them, of a trace with n rows. */
export const readLinkedTo = (said: unknown, n: number): LinkTo[] =>
  listOf(said)
    .map((l) => ({ row: rowIn(l.row, n), traceId: String(l.traceId), spanId: String(l.spanId ?? ''), to: rowIn(l.to, n) }))
    .filter((l) => l.row >= 0);

/** As `meta.custom.linkedFrom` has them. */
export const readLinkedFrom = (said: unknown, n: number): LinkFrom[] =>
  listOf(said).map((l) => ({
    row: rowIn(l.row, n),
    traceId: String(l.traceId),
    spanId: String(l.spanId ?? ''),
    service: String(l.service ?? ''),
    name: String(l.name ?? ''),
    kind: String(l.kind ?? ''),
    offset: Number(l.offset) || 0,
    duration: Number(l.duration) || 0,
    error: l.error === true,
  }));

/** The links at a row; with `all`, those at any: how a trace is told of as a whole. */
export function linksAt({ linkedTo, linkedFrom }: { linkedTo: readonly LinkTo[]; linkedFrom: readonly LinkFrom[] }, row: number, all: boolean): { to: LinkTo[]; from: LinkFrom[] } {
  return { to: linkedTo.filter((l) => all || l.row === row), from: linkedFrom.filter((l) => all || l.row === row) };
}
