// The ids of spans as users know them: OpenTelemetry's, where a span of code has one, else
// the one that we gave.
import type { Trace } from './model';

/** The id that leads back to a row; where two spans of code have the same, the second keeps ours. */
export const shownId = ({ text }: Trace, row: number): string =>
  text.spanId[row] && Array.prototype.indexOf.call(text.spanId, text.spanId[row]) === row ? text.spanId[row] : text.id[row];

/** The row of the span with this id, or -1: ours first, then the first span of code that has it. */
export function rowOf({ text, length }: Trace, id: string): number {
  const wanted = id.trim().toLowerCase().replace(/^0x/, '');
  if (!/^[0-9a-f]{1,16}$/.test(wanted)) {
    return -1;
  }
  const full = wanted.padStart(16, '0');
  for (const ids of [text.id, text.spanId]) {
    for (let row = 0; row < length; row++) {
      if (ids[row] === full) {
        return row;
      }
    }
  }
  return -1;
}
