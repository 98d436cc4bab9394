// What a page and its layout worker say to each other. Columns and layouts are typed arrays
// whose memory is handed over, never copied on arrival.
import type { ArrangeColumns, ArrangeOptions, Arrangement } from '../arrange';

export type ToWorker =
  /** A column of the trace; the last one is followed by `ask`. */
  | { kind: 'column'; name: keyof ArrangeColumns; value: unknown }
  | { kind: 'ask'; id: number; options: ArrangeOptions };

export type FromWorker =
  | { kind: 'ready' }
  /** Without what the page has itself. */
  | { kind: 'made'; id: number; arrangement: Omit<Arrangement, 'start' | 'end'> & Partial<Pick<Arrangement, 'start' | 'end'>> }
  | { kind: 'failed'; id: number; message: string };

/** Memory of all typed arrays in a value, two levels deep: what to hand over with it. */
export function memoryOf(value: object): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const take = (v: unknown, depth: number) => {
    if (ArrayBuffer.isView(v)) {
      found.add(v.buffer as ArrayBuffer);
    } else if (v !== null && typeof v === 'object' && depth > 0) {
      Object.values(v).forEach((inner) => take(inner, depth - 1));
    }
  };
  take(value, 2);
  return [...found];
}
