// Own slices: the parts of every span in which nobody ran within it. They are what a bar
// shows in full tone, and the sum of them is the span's own time. cut.ts makes them.
import { firstAbove } from './bisect';
import type { Reading } from './reading';

export interface Slices {
  /** Slices of row i: first[i] up to first[i + 1], by time. */
  first: Int32Array;
  from: Float64Array;
  to: Float64Array;
  layer: Uint8Array;
  /** What each slice was, in readings. */
  reading: Int32Array;
  readings: readonly Reading[];
  /** Inner spans on both sides, -1 for none. */
  before: Int32Array;
  after: Int32Array;
  /** Own time of each span. */
  own: Float64Array;
  /** Slices that are read as another row's: the times in which a request came late. */
  readAs: ReadonlyMap<number, number>;
}

/** The row that says what a slice was. */
export const rowOfSlice = (s: Slices, slice: number, span: number): number => s.readAs.get(slice) ?? span;

/** Index of the first slice of row i that ends after `time`; first[i + 1] when none does. */
export const sliceAfter = (s: Slices, i: number, time: number): number => firstAbove(s.to, time, s.first[i], s.first[i + 1]);
