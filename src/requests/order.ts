// The order of the list.
import { Layer, shareOf, type RowLayers } from './layers';
import type { RequestRow } from './rows';

export type ColumnKey = 'start' | 'service' | 'request' | 'duration' | 'spans' | 'status' | 'errors' | 'matched' | 'client';
type SortKey = ColumnKey | Layer;

export interface Order {
  by: SortKey;
  descending: boolean;
}

/** Newest first, as the rows come. */
export const NEWEST: Order = { by: 'start', descending: true };

/** A column's first order: texts from A, numbers from the largest. */
export const firstOrder = (by: SortKey): Order => ({ by, descending: !['service', 'request', 'matched', 'client'].includes(String(by)) });

/** Whether an order is known only when the layers of all rows are. */
export const needsLayers = ({ by }: Order): boolean => typeof by === 'number' || by === 'duration' || by === 'spans';

type Known = (row: RequestRow) => RowLayers | undefined;

/** The time of a row's bar: of what it shows, of the request alone until that is known. */
export const barTime = (row: RequestRow, layers: RowLayers | undefined): number => (layers && !layers.reason ? layers.duration : row.duration);

const spans = (l: RowLayers | undefined): number => (l && !l.reason ? l.counts.app + l.counts.sys + l.counts.net : -1);

function valueOf(by: SortKey, row: RequestRow, known: Known): number | string {
  switch (by) {
    case 'start':
      return row.start;
    case 'duration':
      return barTime(row, known(row));
    case 'spans':
      return spans(known(row));
    case 'status':
      return row.status === 'ok' ? 0 : row.status === 'unset' || row.status === 'unknown' || !row.status ? 1 : 1000 + row.code; // failures first
    case 'errors':
      return row.errors;
    case 'service':
    case 'request':
    case 'matched':
    case 'client':
      return row[by];
    default:
      return shareOf(known(row), by);
  }
}

const collator = new Intl.Collator('en', { numeric: true });

/** The rows in order; equal ones, and those of which nothing is known, as they came. */
export function orderRows(rows: readonly RequestRow[], { by, descending }: Order, known: Known): readonly RequestRow[] {
  if (by === 'start' && descending) {
    return rows;
  }
  const keys = rows.map((row) => valueOf(by, row, known));
  const sign = descending ? -1 : 1;
  const unknown = (key: number | string) => key === -1 || key === '';
  return rows
    .map((_, i) => i)
    .sort((i, j) => {
      const [a, b] = [keys[i], keys[j]];
      if (unknown(a) !== unknown(b)) {
        return unknown(a) ? 1 : -1;
      }
      const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
      return sign * order || i - j;
    })
    .map((i) => rows[i]);
}
