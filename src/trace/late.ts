// Requests that came late: while a packet of a request was lost and sent again, whoever had
// the first byte and nothing else to do waited for the network. The backend finds these
// times; cut.ts cuts the own slices of the spans that waited.
import type { Late, Trace } from './model';

/** Reads what the frame says; what does not fit the rows is left out. */
export function readLate(said: unknown, n: number): Late[] {
  const row = (v: unknown): v is number => Number.isInteger(v) && (v as number) >= 0 && (v as number) < n;
  return (Array.isArray(said) ? said : []).filter(
    (l) => row(l?.before) && row(l?.after) && Number.isFinite(l.from) && Number.isFinite(l.to) && l.from < l.to && Array.isArray(l.spans) && l.spans.every(row)
  );
}

export function lateBySpan(t: Trace): ReadonlyMap<number, readonly Late[]> {
  const bySpan = new Map<number, Late[]>();
  for (const late of t.meta.late) {
    for (const i of late.spans) {
      const list = bySpan.get(i);
      if (list) {
        list.push(late);
      } else {
        bySpan.set(i, [late]);
      }
    }
  }
  return bySpan;
}
