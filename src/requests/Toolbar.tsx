// Over the list: the layers, which are legend and order in one, and how long bars are.
import React from 'react';
import { t } from '../language/t';
import type { Palette } from '../canvas/theme';
import { layerFill } from '../panel/cssFill';
import { scales, type Scale } from './barScale';
import { LAYER_NAMES, LAYERS } from './layers';
import { NEWEST, type Order } from './order';

interface Props {
  palette: Palette;
  order: Order;
  setOrder: (order: Order) => void;
  scale: Scale;
  setScale: (scale: Scale) => void;
  children: React.ReactNode; // the state of the list, in words
}

export function Toolbar({ palette, order, setOrder, scale, setScale, children }: Props) {
  return (
    <div className="tr-tools">
      <div className="tr-group" role="group" aria-label={t('list.sort', 'Sort by the share of a layer')}>
        {LAYERS.map((layer) => {
          const pressed = order.by === layer;
          return (
            <button
              key={layer}
              className="tr-layer"
              aria-pressed={pressed}
              title={pressed ? t('list.newest', 'Newest first again') : t('list.sort-by', 'The requests first that lost the largest share of their time to this: {{layer}}', { layer: LAYER_NAMES[layer].toLowerCase() })}
              onClick={() => setOrder(pressed ? NEWEST : { by: layer, descending: true })}
            >
              <i className="tr-swatch" style={{ background: layerFill(palette, layer) }} />
              {LAYER_NAMES[layer]}
            </button>
          );
        })}
      </div>
      <div className="tr-group tr-scale" role="group" aria-label={t('list.length', 'Length of the bars')}>
        {scales().map(({ value, label, title }) => (
          <button key={value} aria-pressed={scale === value} title={title} onClick={() => setScale(value)}>
            {label}
          </button>
        ))}
      </div>
      <span className="tr-state-line" role="status">
        {children}
      </span>
    </div>
  );
}
