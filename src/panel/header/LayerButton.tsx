import React from 'react';
import { t } from '../../language/t';
import { formatShare, formatTime } from '../../trace/format';
import { LAYER_NAMES, type Layer } from '../../trace/model';
import { useTrace } from '../context';
import { layerFill } from '../cssFill';
import { useHover } from '../state/hover';

/** What a layer held of the time; a press keeps it lit. */
export function LayerButton({ layer, time, total }: { layer: Layer; time: number; total: number }) {
  const { palette, state, act } = useTrace();
  const hover = useHover();
  return (
    <button
      className="tl-layer"
      aria-pressed={state.pinned?.layer === layer}
      title={t('header.layer', 'Show only what this layer held')}
      onMouseEnter={() => hover.point({ layer })}
      onMouseLeave={() => hover.point(null)}
      onClick={() => act.pin({ layer })}
    >
      <i className="tl-swatch" style={{ background: layerFill(palette, layer) }} />
      <span>{LAYER_NAMES[layer]}</span>
      <b>{formatTime(time)}</b>
      <span className="tl-dim">{formatShare(time, total)}</span>
    </button>
  );
}
