// What a bar says when it is pointed at: exact times by layer, and the sentence of the trace.
import React, { useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { spans } from '../language/counts';
import { t } from '../language/t';
import type { Palette } from '../canvas/theme';
import { cssFill, layerFill } from '../panel/cssFill';
import { cssVariables } from '../panel/styles';
import { formatCount, formatShare, formatTime } from '../trace/format';
import { Layer, LAYER_NAMES, LAYERS, timeOf, type RowLayers } from './layers';
import { tonesOf } from './LayerBar';
import type { Of, RequestRow } from './rows';

export interface TipAt {
  row: RequestRow;
  x: number;
  y: number;
}

const GAP = 14;
const EDGE = 8;
const OWNERS = 3; // that are named

interface Props {
  at: TipAt;
  layers: RowLayers | undefined;
  of: Of;
  palette: Palette;
}

export function BarTip({ at, layers, of, palette }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current!;
    const { width, height } = element.getBoundingClientRect();
    const below = at.y + GAP;
    element.style.left = `${Math.max(EDGE, Math.min(window.innerWidth - width - EDGE, at.x + GAP))}px`;
    element.style.top = `${below + height > window.innerHeight - EDGE ? Math.max(EDGE, at.y - height - GAP) : below}px`;
  });
  return createPortal(
    <div className="tr-tip" ref={box} role="tooltip" style={cssVariables(palette) as React.CSSProperties}>
      <h4>{at.row.request || at.row.service}</h4>
      {!layers ? <p className="tr-dim">{t('list.reading', 'Reading where its time went')}</p> : layers.reason ? <p>{t('list.not-split', 'Not split: {{why}}.', { why: layers.reason })}</p> : <Split row={at.row} layers={layers} of={of} palette={palette} />}
    </div>,
    document.body
  );
}

function Split({ row, layers, of, palette }: { row: RequestRow; layers: RowLayers; of: Of; palette: Palette }) {
  const { app, sys, net } = layers.counts;
  const tones = tonesOf(layers.names ?? [], palette);
  const owners = [...(layers.services ?? [])].sort((a, b) => b.code + b.kernel - a.code - a.kernel).slice(0, OWNERS);
  return (
    <>
      <p>
        <b>{formatTime(layers.duration)}</b> <span className="tr-dim">{of === 'trace' ? t('list.whole', 'the whole trace') : t('list.this', 'this request and what it caused')}</span>
      </p>
      <div className="tr-parts">
        {LAYERS.filter((layer) => layer !== Layer.Unseen || timeOf(layers, layer) > 0).map((layer) => (
          <React.Fragment key={layer}>
            <i className="tr-swatch" style={{ background: layerFill(palette, layer) }} />
            <span>{LAYER_NAMES[layer]}</span>
            <b>{formatTime(timeOf(layers, layer))}</b>
            <span>{formatShare(timeOf(layers, layer), layers.duration)}</span>
          </React.Fragment>
        ))}
      </div>
      {owners.length > 0 && (
        <div className="tr-parts">
          {owners.map(({ service, code, kernel }) => (
            <React.Fragment key={service}>
              <i className="tr-swatch" style={{ background: cssFill(palette, tones, Layer.Code, service) }} />
              <span>{t('list.code-kernel', '{{service}}, code and kernel', { service })}</span>
              <b>{formatTime(code + kernel)}</b>
              <span>{formatShare(code + kernel, layers.duration)}</span>
            </React.Fragment>
          ))}
        </div>
      )}
      {layers.sentence && (
        <p>
          <span className="tr-dim">{t('header.largest', 'Largest part:')}</span> {layers.sentence}
        </p>
      )}
      {layers.remarks?.map(({ kind, text }) => (
        <p key={`${kind} ${text}`} data-kind={kind}>
          {text}
        </p>
      ))}
      <p className="tr-dim">
        {of === 'trace'
          ? t('list.of-row', 'The request of this row took {{time}} of it; around it is what its caller and the network saw.', { time: formatTime(row.duration) })
          : t('list.of-trace', 'Its trace took {{time}}.', { time: formatTime(layers.trace) })}{' '}
        {t('list.spans', '{{spans}} in the trace: {{app}} APP, {{sys}} SYS, {{net}} NET.', { spans: spans(app + sys + net), app: formatCount(app), sys: formatCount(sys), net: formatCount(net) })}
      </p>
    </>
  );
}
