// One row's bar: as long as its time, split by layer. Code has the colours of its services,
// kernel time their stripes, as in the trace's own header.
import React, { memo } from 'react';
import { t } from '../language/t';
import { Tones } from '../canvas/colour';
import type { Palette } from '../canvas/theme';
import { cssFill } from '../panel/cssFill';
import { formatShare, formatTime } from '../trace/format';
import { LAYER_NAMES, LAYERS, partsOf, timeOf, type Layer, type RowLayers } from './layers';

interface Props {
  layers: RowLayers | undefined;
  share: number; // of the column
  palette: Palette;
  /** The layer that the list is sorted by: the others step back. */
  only: Layer | null;
}

export const LayerBar = memo(function LayerBar({ layers, share, palette, only }: Props) {
  const width = `${share * 100}%`;
  if (!layers) {
    return (
      <div className="tr-track">
        <div className="tr-bar tr-waiting" style={{ width }} />
      </div>
    );
  }
  if (layers.reason) {
    return (
      <div className="tr-track">
        <div className="tr-bar tr-unsplit" style={{ width }} />
        <span className="tr-why" title={layers.reason}>
          {layers.reason}
        </span>
      </div>
    );
  }
  const tones = tonesOf(layers.names ?? [], palette);
  return (
    <div className="tr-track">
      <div className="tr-bar" role="img" aria-label={barWords(layers)} style={{ width }}>
        {partsOf(layers).map(({ layer, time, owners }) => (
          <span key={layer} data-layer={LAYER_NAMES[layer]} data-off={only !== null && layer !== only} style={{ flexGrow: time / layers.duration }}>
            {owners.map((owner) => (
              <i key={owner.service} data-service={owner.service} style={{ flexGrow: owner.time / time, background: cssFill(palette, tones, layer, owner.service) }} />
            ))}
          </span>
        ))}
      </div>
    </div>
  );
});

/** The bar in words: what a screen reader gets. */
const barWords = (layers: RowLayers): string =>
  LAYERS.filter((layer) => timeOf(layers, layer) > 0)
    .map((layer) => `${LAYER_NAMES[layer]} ${formatTime(timeOf(layers, layer))}, ${formatShare(timeOf(layers, layer), layers.duration)}`)
    .join('; ') || t('list.no-time', 'no time passed');

// Rows of one kind of request have the same services, so that there are few of these.
const made = new Map<string, Tones>();

export function tonesOf(names: string[], palette: Palette): Tones {
  const key = `${palette.dark} ${palette.background} ${names.join('\n')}`;
  let tones = made.get(key);
  if (!tones) {
    if (made.size > 200) {
      made.clear();
    }
    made.set(key, (tones = new Tones(names, palette)));
  }
  return tones;
}
