// Which columns there is room for, and how they share the width.
import { t } from '../language/t';
import { LAYER_NAMES, type Layer } from './layers';
import type { ColumnKey } from './order';

export interface Column {
  key: ColumnKey | 'bar';
  label: string;
  width: string;
  /** Left out in a list narrower than this. */
  from: number;
  right?: boolean;
}

/** From here on a row is one line. */
export const ONE_LINE = 620;
export const LONG_TIME = 1100; // from here on a start shows its date

const all = (): Column[] => [
  { key: 'start', label: t('log.start', 'Start'), width: '', from: 0 },
  { key: 'service', label: t('field.service', 'Service'), width: 'minmax(70px,130px)', from: 0 },
  { key: 'request', label: t('log.request', 'Request'), width: 'minmax(110px,1fr)', from: 0 },
  { key: 'bar', label: '', width: 'minmax(160px,1.5fr)', from: 0 },
  { key: 'duration', label: '', width: '92px', from: 0, right: true },
  { key: 'spans', label: t('waterfall.spans', 'Spans'), width: '118px', from: 860 },
  { key: 'errors', label: t('find.errors', 'Errors'), width: '60px', from: 700, right: true },
  { key: 'status', label: t('field.status', 'Status'), width: '112px', from: 760 },
  { key: 'matched', label: t('list.matched', 'Matched'), width: 'minmax(90px,190px)', from: 900 },
  { key: 'client', label: t('field.client', 'Client'), width: 'minmax(70px,130px)', from: 1000 },
];

/** The columns, with what matched where the search has filters; of the layer that the list is sorted by, the share stands where times stood. */
export function columnsFor(width: number, of: 'trace' | 'request', only: Layer | null, matched = false): Column[] {
  const there = (c: Column) => width >= c.from && (c.key !== 'errors' || of === 'trace') && (c.key !== 'matched' || matched);
  return all().filter(there).map((c) => ({
    ...c,
    ...(c.key === 'start' && { width: width >= LONG_TIME ? '168px' : '94px' }),
    ...(c.key === 'bar' && { label: of === 'trace' ? t('list.where-trace', 'Where the trace’s time went') : t('list.where-request', 'Where the request’s time went') }),
    ...(c.key === 'duration' && { label: only !== null ? LAYER_NAMES[only] : of === 'trace' ? t('list.trace-took', 'Trace took') : t('list.took', 'Took') }),
  }));
}
