import React, { useMemo } from 'react';
import { formatCount, formatShare, formatTime } from '../trace/format';
import { Layer } from '../trace/model';
import { servicesOf } from '../trace/services';
import { useTrace } from './context';
import { cssFill, toneFill } from './cssFill';

const HELD = [Layer.Code, Layer.Kernel, Layer.Network] as const;
const WIDEST = 54; // percent of the column, the rest is for the numbers

/** Who held the time: disjoint shares per service, so that they add up. */
export function ServicesView() {
  const { analysis, palette, tones, state, act } = useTrace();
  const { rows, unseen, total } = useMemo(() => servicesOf(analysis), [analysis]);
  const most = Math.max(1, ...rows.map((r) => r.held));
  return (
    <div className="tl-scroll">
      <table className="tl-table tl-services" aria-label="Services">
        <colgroup>
          <col />
          <col />
          <col />
          <col />
          <col />
          <col />
          <col />
          <col />
          <col />
          <col />
        </colgroup>
        <thead>
          <tr>
            {['Service', 'Held the time for', 'Visits', 'Total', 'Own', 'Code', 'Kernel + queue', 'Network', 'Spans A / S / N', 'Errors'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.service} aria-selected={analysis.trace.groupBy === 'service' && state.onlyGroup === r.service}>
              <td>
                <button title="Show only this service" onClick={() => {
                    if (analysis.trace.groupBy !== 'service') {
                      act.colourBy('service');
                    }
                    act.only(r.service);
                  }}>
                  <i className="tl-swatch" style={{ background: toneFill(palette, tones.of(r.service)), marginRight: 8, verticalAlign: -2 }} />
                  {r.service || 'no service'} <span className="tl-dim">{r.nodes.join(', ')}</span>
                </button>
              </td>
              <td>
                <span style={{ display: 'flex', gap: 1, alignItems: 'center' }}>
                  {HELD.map((layer) => (
                    <i key={layer} style={{ height: 10, width: `${(r.layers[layer] / most) * WIDEST}%`, background: cssFill(palette, tones, layer, r.service) }} />
                  ))}
                  <b style={{ marginLeft: 8 }}>{formatTime(r.held)}</b>
                  <span className="tl-dim" style={{ marginLeft: 6 }}>
                    {formatShare(r.held, total)}
                  </span>
                </span>
              </td>
              <td>{formatCount(r.visits)}</td>
              <td>{formatTime(r.total)}</td>
              <td>{formatTime(r.own)}</td>
              {HELD.map((layer) => (
                <td key={layer}>{formatTime(r.layers[layer])}</td>
              ))}
              <td>{r.spans.map(formatCount).join(' / ')}</td>
              <td style={r.errors > 0 ? { color: 'var(--tl-error)' } : undefined}>{r.errors > 0 ? `! ${r.errors}` : '0'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="tl-dim" style={{ padding: '6px 10px' }}>
        Held times are disjoint and add up to {formatTime(total)} exactly{unseen > 0 && `, with ${formatTime(unseen)} not seen`}. Network is counted at the caller. Total is from each visit’s first span to its end; own is what no child covers, also beside the critical path.
      </p>
    </div>
  );
}
