// Requests that came late: while a packet of a request was lost and sent again, whoever had
// the first byte and nothing else to do waited for the network. The server finds these times;
// here they cut the own slices of the spans that waited.
import { layerOf } from './layer';
import type { Trace } from './model';
import type { Slices } from './slices';

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

/** Reads what the frame says; what does not fit the rows is left out. */
export function readLate(said: unknown, n: number): Late[] {
  const row = (v: unknown): v is number => Number.isInteger(v) && (v as number) >= 0 && (v as number) < n;
  return (Array.isArray(said) ? said : []).filter(
    (l) => row(l?.before) && row(l?.after) && Number.isFinite(l.from) && Number.isFinite(l.to) && l.from < l.to && Array.isArray(l.spans) && l.spans.every(row)
  );
}

/** Slices with those parts cut out that waited for a late request; the same ones if none did. */
export function cutLate(t: Trace, s: Slices): Slices {
  const bySpan = new Map<number, Late[]>();
  for (const late of t.meta.late) {
    for (const i of late.spans) {
      bySpan.set(i, [...(bySpan.get(i) ?? []), late]);
    }
  }
  if (bySpan.size === 0) {
    return s;
  }
  const first = new Int32Array(t.length + 1);
  const from: number[] = [];
  const to: number[] = [];
  const layer: number[] = [];
  const before: number[] = [];
  const after: number[] = [];
  const readAs = new Map<number, number>();
  for (let i = 0; i < t.length; i++) {
    first[i] = from.length;
    for (let k = s.first[i]; k < s.first[i + 1]; k++) {
      let at = s.from[k];
      const put = (end: number, late?: Late) => {
        if (end <= at) {
          return;
        }
        const [b, a] = late ? [-1, late.after] : [s.before[k], s.after[k]];
        if (late) {
          readAs.set(from.length, late.before);
        }
        from.push(at);
        to.push(end);
        layer.push(late ? layerOf(t, late.before, b, a) : s.layer[k]);
        before.push(b);
        after.push(a);
        at = end;
      };
      for (const late of bySpan.get(i) ?? []) {
        const begin = Math.max(at, late.from);
        const end = Math.min(s.to[k], late.to);
        if (begin < end) {
          put(begin);
          put(end, late);
        }
      }
      put(s.to[k]);
    }
  }
  first[t.length] = from.length;
  return {
    first, own: s.own, readAs,
    from: Float64Array.from(from), to: Float64Array.from(to), layer: Uint8Array.from(layer), before: Int32Array.from(before), after: Int32Array.from(after),
  };
}
