// The list: a grid of which only the rows in view are in the page, so that ten thousand
// scroll like ten.
import React, { useCallback, useDeferredValue, useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { dateTimeFormat, type LinkModel } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { requests as countRequests } from '../language/counts';
import { t } from '../language/t';
import type { Palette } from '../canvas/theme';
import { useSize } from '../panel/useSize';
import { formatCount } from '../trace/format';
import { barShare, extentOf, type Scale } from './barScale';
import { BarTip, type TipAt } from './BarTip';
import { columnsFor, LONG_TIME, ONE_LINE, type Column } from './columns';
import type { LayerStore } from './LayerStore';
import { follow, linkOf } from './links';
import { barTime, firstOrder, needsLayers, NEWEST, orderRows, type Order } from './order';
import { Row } from './Row';
import type { RequestRow, Requests } from './rows';
import { Toolbar } from './Toolbar';

const ROW = 30;
const TWO_LINES = 50;
const HEAD = 29;
const MARGIN = 10; // rows kept above and below the view
/** Rows whose layers are read to order the list by them. */
const MOST_ORDERED = 2000;

interface Props {
  requests: Requests;
  store: LayerStore;
  palette: Palette;
  scale: Scale;
  setScale: (scale: Scale) => void;
  timeZone?: string;
  /** What the dashboard shows: the trace, and the span it was opened by. */
  shown: { trace: string; span: string };
  /** The rows are all there is: their data source is not here. */
  snapshot?: boolean;
}

export function RequestList({ requests, store, palette, scale, setScale, timeZone, shown, snapshot = false }: Props) {
  const { frame, rows, of } = requests;
  const version = useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot);
  const search = useDeferredValue(useLocationSearch()); // links of all rows after a click can wait for what it opens
  const [order, setOrder] = useState<Order>(NEWEST);
  const [active, setActive] = useState<RequestRow | null>(null);
  const [tip, setTip] = useState<TipAt | null>(null);
  const [top, setTop] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(grid);
  const id = useId();

  const narrow = width > 0 && width < ONE_LINE;
  const rowHeight = narrow ? TWO_LINES : ROW;
  const only = typeof order.by === 'number' ? order.by : null;
  const columns = useMemo(() => columnsFor(width || 1200, of, only, rows.some((row) => row.matched)), [width, of, only, rows]);
  const template = narrow ? 'minmax(60px,auto) 1fr 84px' : columns.map((c) => c.width).join(' ');

  // The version stands for what the store knows.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const ordered = useMemo(() => orderRows(rows, order, store.get), [rows, order, store, needsLayers(order) && version]);
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const extent = useMemo(() => extentOf(rows.map((row) => barTime(row, store.get(row)))), [rows, store, version]);

  const first = Math.max(0, Math.floor((top - HEAD) / rowHeight) - MARGIN);
  const last = Math.min(ordered.length, Math.ceil((top + height) / rowHeight) + MARGIN);
  const inView = useMemo(() => ordered.slice(first, last), [ordered, first, last]);

  useEffect(() => store.refresh(), [store, rows]);
  useEffect(() => () => store.stop(), [store]); // not at a refresh: its answer is wanted still
  useEffect(() => {
    store.want(needsLayers(order) ? [...new Set([...inView, ...rows.slice(0, MOST_ORDERED)])] : inView);
  }, [store, rows, inView, order]);

  const links = useMemo(() => ({ of: new Map<number, LinkModel | undefined>(), search, frame }), [search, frame]);
  const linkAt = (index: number) => {
    if (!links.of.has(index)) {
      links.of.set(index, snapshot ? undefined : linkOf(frame, index));
    }
    return links.of.get(index);
  };
  const open = useCallback(
    (row: RequestRow, event: React.SyntheticEvent) => {
      setActive(row);
      const link = snapshot ? undefined : linkOf(frame, row.index); // now: it may hold what is in the URL
      if (link) {
        follow(link, event);
      }
    },
    [frame, snapshot]
  );
  const point = useCallback((row: RequestRow, e: React.MouseEvent | null) => setTip(e && { row, x: e.clientX, y: e.clientY }), []);

  const selected = useMemo(() => {
    const of = rows.filter((row) => shown.trace !== '' && row.trace === shown.trace);
    return of.find((row) => row.span === shown.span) ?? of[0];
  }, [rows, shown.trace, shown.span]);

  // A refresh brings the rows anew: the active one is found again by what it is.
  const at = active ? ordered.findIndex((row) => row === active || (row.trace === active.trace && row.span === active.span)) : -1;
  const go = (to: number) => {
    const k = Math.max(0, Math.min(ordered.length - 1, to));
    setActive(ordered[k]);
    setTip(null);
    const element = grid.current;
    if (element) {
      const y = HEAD + k * rowHeight;
      if (y < element.scrollTop + HEAD) {
        element.scrollTop = y - HEAD;
      } else if (y + rowHeight > element.scrollTop + element.clientHeight) {
        element.scrollTop = y + rowHeight - element.clientHeight;
      }
      setTop(element.scrollTop); // its event comes later, and the row has to be in the page now
    }
  };
  const onKeyDown = (e: React.KeyboardEvent) => {
    if (e.target !== grid.current || e.ctrlKey || e.metaKey || e.altKey) {
      return; // a button of the head has the focus
    }
    const page = Math.max(1, Math.floor((height - HEAD) / rowHeight) - 1);
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      PageDown: () => go(at + page),
      PageUp: () => go(at - page),
      Home: () => go(0),
      End: () => go(ordered.length - 1),
      Enter: () => at >= 0 && open(ordered[at], e),
      ArrowRight: () => at >= 0 && setTip(tipOf(ordered[at], rowId(id, ordered[at]))),
      ArrowLeft: () => setTip(null),
    };
    if (e.key === 'Escape' && tip) {
      e.stopPropagation();
      setTip(null);
    }
    const move = moves[e.key];
    if (move && ordered.length > 0) {
      e.preventDefault();
      e.stopPropagation();
      move();
    }
  };

  const sort = (column: Column) => {
    const by = column.key as Order['by'];
    setOrder(order.by === by ? { by, descending: !order.descending } : firstOrder(by));
    if (grid.current) {
      grid.current.scrollTop = 0;
    }
  };
  const start = (row: RequestRow) => dateTimeFormat(row.start, { timeZone, format: width >= LONG_TIME ? 'YYYY-MM-DD HH:mm:ss' : 'HH:mm:ss.SSS' });

  return (
    <div className={`tr ${narrow ? 'tr-narrow' : ''}`} style={{ background: palette.background }}>
      <Toolbar palette={palette} order={order} setOrder={setOrder} scale={scale} setScale={setScale}>
        <StateLine rows={rows} order={order} store={store} />
      </Toolbar>
      {snapshot && (
        <div className="tr-note" role="note">
          {t('list.snapshot', 'A snapshot: the rows alone were kept. Where their time went, and the traces that they led to, are not here.')}
        </div>
      )}
      {(store.error || store.notices.length > 0) && (
        <div className="tr-note" role={store.error ? 'alert' : 'note'}>
          {store.error ? (
            <>
              {t('list.unsplit', 'Bars are not split: {{why}}', { why: store.error })}{' '}
              <button className="tr-link" onClick={() => store.retry()}>
                {t('state.again', 'Try again')}
              </button>
            </>
          ) : (
            store.notices.join(' ')
          )}
        </div>
      )}
      <div
        ref={grid}
        className="tr-grid"
        role="grid"
        aria-label={of === 'trace' ? t('list.label-traces', 'Requests, bars show their whole traces') : t('tab.requests', 'Requests')}
        aria-rowcount={ordered.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={at >= first && at < last ? rowId(id, ordered[at]) : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={(e) => e.target === grid.current && at < 0 && setActive(selected ?? ordered[0] ?? null)}
        onBlur={() => setTip(null)}
        onScroll={(e) => {
          setTop(e.currentTarget.scrollTop);
          setTip(null);
        }}
      >
        <div role="rowgroup" className="tr-head">
          <div role="row" className="tr-line" aria-rowindex={1} style={{ gridTemplateColumns: narrow ? 'minmax(60px,auto) 1fr auto auto' : template }}>
            {columns.map((column) => (
              <Head key={column.key} column={column} order={order} narrow={narrow} sort={() => sort(column)} />
            ))}
          </div>
        </div>
        <div role="rowgroup" className="tr-body" style={{ height: ordered.length * rowHeight }}>
          {inView.map((row, k) => {
            const layers = store.get(row);
            return (
              <Row
                key={row.index}
                id={rowId(id, row)}
                row={row}
                position={first + k}
                height={rowHeight}
                narrow={narrow}
                template={template}
                columns={columns}
                layers={layers}
                share={barShare(scale, extent, barTime(row, layers))}
                palette={palette}
                only={only}
                selected={row === selected}
                active={first + k === at}
                start={start(row)}
                link={linkAt(row.index)}
                open={open}
                point={point}
              />
            );
          })}
        </div>
      </div>
      {tip && <BarTip at={tip} layers={store.get(tip.row)} of={of} palette={palette} />}
    </div>
  );
}

const rowId = (id: string, row: RequestRow): string => `${id}-${row.index}`;

/** The tip of a row that is chosen by keyboard: at its bar. */
function tipOf(row: RequestRow, element: string): TipAt | null {
  const box = document.getElementById(element)?.querySelector('.tr-track')?.getBoundingClientRect();
  return box ? { row, x: box.left + 20, y: box.bottom - 8 } : null;
}

function Head({ column, order, narrow, sort }: { column: Column; order: Order; narrow: boolean; sort: () => void }) {
  const bar = column.key === 'bar';
  if (bar && narrow) {
    return (
      <div role="columnheader" style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden' }}>
        {column.label}
      </div>
    );
  }
  const byLayer = typeof order.by === 'number';
  const sorted = !bar && (column.key === 'duration' && byLayer ? true : order.by === column.key);
  return (
    <div
      role="columnheader"
      className={`tr-cell ${column.right ? 'tr-right' : ''}`}
      aria-sort={sorted ? (order.descending ? 'descending' : 'ascending') : undefined}
      style={narrow ? { gridArea: column.key } : undefined}
    >
      {bar ? (
        column.label
      ) : (
        <button onClick={sort} title={column.key === 'duration' && byLayer ? t('list.by-time', 'By the whole time again') : undefined}>
          {column.label} {sorted ? (order.descending ? '▾' : '▴') : ''}
        </button>
      )}
    </div>
  );
}

function StateLine({ rows, order, store }: { rows: RequestRow[]; order: Order; store: LayerStore }) {
  const among = Math.min(rows.length, MOST_ORDERED);
  const reading = needsLayers(order) ? store.missing : 0;
  const cut = needsLayers(order) && rows.length > among ? `, ${t('list.among', 'in order among the newest {{n}}', { n: formatCount(among) })}` : '';
  return (
    <>
      {countRequests(rows.length)}
      {reading > 0 ? `, ${t('list.reading-of', 'reading where the time of {{n}} went', { n: formatCount(reading) })}` : cut}
    </>
  );
}

/** The query string of the page: what links of rows may keep of it. */
function useLocationSearch(): string {
  return useSyncExternalStore(
    useCallback((changed: () => void) => {
      const subscription = locationService.getLocationObservable().subscribe(changed);
      return () => subscription.unsubscribe();
    }, []),
    () => locationService.getLocation().search
  );
}
