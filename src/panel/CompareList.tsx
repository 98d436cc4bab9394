// The differences as tables, the largest first; a press shows the two spans in both graphs.
import React from 'react';
import { t } from '../language/t';
import { difference, isAsLong, shownDifference, type Comparison, type Pair } from '../trace/compare';
import { formatCount, formatTime, signedTime } from '../trace/format';
import { LAYER_NAMES } from '../trace/model';
import { useTrace } from './context';
import { layerFill } from './cssFill';

const MOST = 200;

interface CompareListProps {
  comparison: Comparison;
  show: (pair: [number, number]) => void;
  chosen: [number, number] | null;
}

export function CompareList({ comparison, show, chosen }: CompareListProps) {
  const { palette } = useTrace();
  const layers = comparison.layers
    .filter(({ times }) => times[0] + times[1] > 0)
    .map((p) => ({ ...p, key: LAYER_NAMES[p.layer], counts: [1, 1] as [number, number], swatch: layerFill(palette, p.layer) }));
  return (
    <div className="tl-compare-list" tabIndex={0} role="group" aria-label={t('compare.differences', 'Differences')}>
      <Table title={t('compare.layer', 'Layer')} label={t('compare.by-layer', 'Difference by layer')} whole pairs={layers} show={show} chosen={null} />
      <Table title={t('compare.span', 'Span or hop')} label={t('compare.by-span', 'Difference by span or hop')} pairs={comparison.spans} show={show} chosen={chosen} />
      <Table title={t('field.service', 'Service')} label={t('compare.by-service', 'Difference by service')} pairs={comparison.services} show={show} chosen={null} />
    </div>
  );
}

interface TableProps {
  title: string;
  label: string;
  /** Lists also what is as long in both. */
  whole?: boolean;
  pairs: Array<Pair & { swatch?: string }>;
  show: (pair: [number, number]) => void;
  chosen: [number, number] | null;
}

function Table({ title, label, whole = false, pairs: all, show, chosen }: TableProps) {
  const pairs = whole ? all : all.filter((p) => !isAsLong(p));
  const alike = all.filter((p) => p.times[0] + p.times[1] > 0).length - pairs.length;
  const most = Math.max(1, ...pairs.map((p) => Math.abs(difference(p))));
  const sum = all.reduce((total, p) => total + difference(p), 0);
  return (
    <table className="tl-table tl-compare" aria-label={label}>
      <colgroup>
        <col />
        <col style={{ width: 74 }} />
        <col style={{ width: 74 }} />
        <col style={{ width: 108 }} />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" className="tl-right">
            {t('compare.there', 'There')}
          </th>
          <th scope="col" className="tl-right">
            {t('compare.here', 'Here')}
          </th>
          <th scope="col" className="tl-right">
            {t('compare.difference', 'Difference')}
          </th>
        </tr>
      </thead>
      <tbody>
        {pairs.slice(0, MOST).map((p) => {
          const d = shownDifference(p.times);
          const here = chosen !== null && chosen[0] === p.rows[0] && chosen[1] === p.rows[1];
          return (
            <tr key={p.key} aria-selected={here} data-sign={Math.sign(d)}>
              <td title={p.key}>
                {p.swatch && <i className="tl-swatch" style={{ background: p.swatch, marginRight: 8, verticalAlign: -2 }} />}
                {p.rows[0] >= 0 || p.rows[1] >= 0 ? <button onClick={() => show(p.rows)}>{p.key}</button> : p.key}
                {p.counts[0] !== p.counts[1] && (
                  <span className="tl-dim">
                    {' '}
                    {p.counts[0]}× → {p.counts[1]}×
                  </span>
                )}
              </td>
              <td className="tl-right tl-dim">{p.counts[0] > 0 ? formatTime(p.times[0]) : t('compare.none', 'none')}</td>
              <td className="tl-right">{p.counts[1] > 0 ? formatTime(p.times[1]) : t('compare.none', 'none')}</td>
              <td className="tl-right tl-gain">
                <i aria-hidden style={{ width: `${(Math.abs(d) / most) * 100}%` }} />
                <b>
                  {d > 0 ? '▲ ' : d < 0 ? '▼ ' : ''}
                  {signedTime(d)}
                </b>
              </td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <td>{[
            t('compare.all', 'All together'),
            pairs.length > MOST && t('compare.with-more', 'with {{n}} more', { n: formatCount(pairs.length - MOST) }),
            !whole && alike > 0 && t('compare.as-long', '{{n}} as long as there', { n: formatCount(alike) }),
          ]
            .filter(Boolean)
            .join(', ')}</td>
          <td className="tl-right tl-dim">{formatTime(all.reduce((sum, p) => sum + p.times[0], 0))}</td>
          <td className="tl-right">{formatTime(all.reduce((sum, p) => sum + p.times[1], 0))}</td>
          <td className="tl-right">
            <b>{signedTime(sum)}</b>
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
