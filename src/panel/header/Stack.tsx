import React, { useRef } from 'react';
import { fieldName } from '../fieldName';
import { t } from '../../language/t';
import { isOwned, type Part } from '../../trace/breakdown';
import { formatShare, formatTime } from '../../trace/format';
import { Layer, LAYER_NAMES } from '../../trace/model';
import { useTrace } from '../context';
import { cssFill } from '../cssFill';
import { useHover } from '../state/hover';
import { useSize } from '../useSize';

/** Width of a letter in the bar, on the safe side. */
const LETTER = 6;

/** The shares by layer and service on one bar: they add up, so it is legend and filter in one. */
export function Stack({ parts, total }: { parts: Part[]; total: number }) {
  const { analysis, palette, tones, state, act } = useTrace();
  const hover = useHover();
  const { trace } = analysis;
  const bar = useRef<HTMLDivElement>(null);
  const { width } = useSize(bar);
  return (
    <div className="tl-stack" ref={bar} role="group" aria-label={t('header.stack', 'Share by layer and {{field}}; press to filter', { field: fieldName(trace.groupBy, trace.groupBy).toLowerCase() })}>
      {parts.map((part, k) => {
        const owned = isOwned(part.layer);
        const textured = part.layer !== Layer.Code && part.layer !== Layer.Network;
        const label = owned ? part.group || t('view.none', 'no {{field}}', { field: fieldName(trace.groupBy, trace.groupBy).toLowerCase() }) : LAYER_NAMES[part.layer].toLowerCase();
        const share = part.time / total;
        const words = [`${label} ${formatTime(part.time)}`, label].find((text) => text.length * LETTER + (textured ? 20 : 12) < share * width);
        const highlight = { layer: part.layer, group: owned ? part.group : undefined };
        return (
          <button
            key={`${part.layer}${part.group}`}
            className={k > 0 && parts[k - 1].layer !== part.layer ? 'tl-gap' : ''}
            data-off={state.onlyGroup !== '' && (!owned || part.group !== state.onlyGroup)}
            title={`${LAYER_NAMES[part.layer]}${owned ? `, ${label}` : ''}: ${formatTime(part.time)} (${formatShare(part.time, total)})`}
            style={{
              flex: `${Math.max(share, 1 / 400)} 1 0`,
              background: cssFill(palette, tones, part.layer, part.group),
              color: part.layer === Layer.Network ? palette.netInk : 'var(--tl-ink)',
            }}
            onMouseEnter={() => hover.point(highlight)}
            onMouseLeave={() => hover.point(null)}
            onClick={() => (owned ? act.only(part.group) : act.pin({ layer: part.layer }))}
          >
            {words && <span className={textured ? 'tl-plate' : ''}>{words}</span>}
          </button>
        );
      })}
    </div>
  );
}
