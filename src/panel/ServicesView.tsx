import React, { useMemo } from 'react';
import { t } from '../language/t';
import { formatCount, formatShare, formatTime } from '../trace/format';
import { Layer, LAYER_NAMES, LAYERS, Source, type Trace } from '../trace/model';
import { servicesOf, type ServiceRow } from '../trace/services';
import { useTrace } from './context';
import { cssFill, toneFill } from './cssFill';
import { hasHops } from './state/choices';

const WIDEST = 54; // percent of the column, the rest is for the numbers

/** A column behind the first two. Those of a lower `room` go first where there is little. */
interface Column {
  label: string;
  room: 'wide' | 'middle' | 'any';
  cell: (row: ServiceRow) => React.ReactNode;
}

/** Layers that a service may hold; where code alone was seen, nothing is known of those below it. */
const heldLayers = (trace: Trace): Layer[] => LAYERS.filter((layer) => layer !== Layer.Unseen && (hasHops(trace) || layer === Layer.Code || layer === Layer.Waiting));

const columnsOf = (trace: Trace, held: Layer[]): Column[] => [
  { label: t('services.visits', 'Visits'), room: 'wide', cell: (r) => formatCount(r.visits) },
  { label: t('services.total', 'Total'), room: 'middle', cell: (r) => formatTime(r.total) },
  { label: t('waterfall.own', 'Own'), room: 'middle', cell: (r) => formatTime(r.own) },
  ...held.map((layer): Column => ({ label: LAYER_NAMES[layer], room: 'wide', cell: (r) => formatTime(r.layers[layer]) })),
  hasHops(trace)
    ? { label: t('services.spans-by', 'Spans A / S / N'), room: 'wide', cell: (r) => r.spans.map(formatCount).join(' / ') }
    : { label: t('waterfall.spans', 'Spans'), room: 'wide', cell: (r) => formatCount(r.spans[Source.App]) },
];

/** Who held the time: disjoint shares per service, so that they add up. */
export function ServicesView() {
  const { analysis, palette, tones, state, act } = useTrace();
  const { rows, unseen, total } = useMemo(() => servicesOf(analysis), [analysis]);
  const most = Math.max(1, ...rows.map((r) => r.held));
  const held = heldLayers(analysis.trace);
  const columns = columnsOf(analysis.trace, held);
  return (
    <div className="tl-scroll">
      <table className="tl-table tl-services" aria-label={t('tab.services', 'Services')}>
        <colgroup>
          <col />
          <col />
          {columns.map(({ label, room }) => (
            <col key={label} data-room={room} />
          ))}
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">{t('field.service', 'Service')}</th>
            <th scope="col">{t('services.held', 'Held the time for')}</th>
            {columns.map(({ label, room }) => (
              <th key={label} scope="col" data-room={room}>
                {label}
              </th>
            ))}
            <th scope="col">{t('find.errors', 'Errors')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.service} aria-selected={analysis.trace.groupBy === 'service' && state.onlyGroup === r.service}>
              <td>
                <button title={t('services.only', 'Show only this service')} onClick={() => {
                    if (analysis.trace.groupBy !== 'service') {
                      act.colourBy('service');
                    }
                    act.only(r.service);
                  }}>
                  <i className="tl-swatch" style={{ background: toneFill(palette, tones.of(r.service)), marginRight: 8, verticalAlign: -2 }} />
                  {r.service || t('services.none', 'no service')} <span className="tl-dim">{r.nodes.join(', ')}</span>
                </button>
              </td>
              <td>
                <span style={{ display: 'flex', gap: 1, alignItems: 'center' }}>
                  {held.map((layer) => (
                    <i key={layer} style={{ height: 10, width: `${(r.layers[layer] / most) * WIDEST}%`, background: cssFill(palette, tones, layer, r.service) }} />
                  ))}
                  <b style={{ marginLeft: 8 }}>{formatTime(r.held)}</b>
                  <span className="tl-dim" style={{ marginLeft: 6 }}>
                    {formatShare(r.held, total)}
                  </span>
                </span>
              </td>
              {columns.map(({ label, room, cell }) => (
                <td key={label} data-room={room}>
                  {cell(r)}
                </td>
              ))}
              <td style={r.errors > 0 ? { color: 'var(--tl-error)' } : undefined}>{r.errors > 0 ? `! ${r.errors}` : '0'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="tl-dim" style={{ padding: '6px 10px' }}>
        {unseen > 0
          ? t('services.sum-unseen', 'Held times are disjoint and add up to {{total}} exactly, with {{unseen}} not seen.', { total: formatTime(total), unseen: formatTime(unseen) })
          : t('services.sum', 'Held times are disjoint and add up to {{total}} exactly.', { total: formatTime(total) })}{' '}
        {hasHops(analysis.trace) && `${t('services.network', 'Network is counted at the caller.')} `}
        {t('services.terms', 'Total is from each visit’s first span to its end; own is what no child covers, also beside the critical path.')}
      </p>
    </div>
  );
}
