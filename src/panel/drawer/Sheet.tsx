import React, { useRef } from 'react';
import { t } from '../../language/t';
import { headOf, type Size } from '../../canvas/scale';
import { useTrace } from '../context';
import { shownTab } from '../state/choices';
import { NARROW, useSheetSize } from './sheetSize';
import { useSide } from './useSide';

/** Head of a table that stays on top. */
const HEADING = 27;

/**
 * Views in which a press opens the details: they lie over these, so that nothing moves, but for
 * what is at their top, as minimap and time axis. They lie beside the others.
 */
const HEADS: Partial<Record<string, (height: number) => number>> = { flame: (height) => headOf(height).height, waterfall: () => HEADING, requests: () => HEADING };

const STEP = 24; // pixels of an arrow key
const [LESS, MORE] = [-1, 1];

export interface Place {
  room: Size;
  stage: React.RefObject<HTMLElement | null>;
}

/** A sheet over the stage, which its edge, the separator, makes wider or higher. */
export function Sheet({ row, room, stage, label, children }: Place & { row: number; label: string; children: React.ReactNode }) {
  const { analysis, state } = useTrace();
  const atBottom = room.width > 0 && room.width < NARROW;
  const { size, limits, choose } = useSheetSize(room, atBottom);
  const covered = HEADS[shownTab(analysis.trace, state.tab)];
  const over = atBottom || covered !== undefined;
  const head = covered?.(state.split ? room.height / 2 : room.height) ?? 0;
  const wanted = useSide(row, stage, { room, size, atBottom, head });
  const side = over ? wanted : 'end';
  const drag = useRef<{ at: number; size: number } | null>(null);
  // Away from the edge that the sheet lies at it grows.
  const grows = side === 'end' ? -1 : 1;
  const along = (e: React.PointerEvent) => (atBottom ? e.clientY : e.clientX);

  const onKeyDown = (e: React.KeyboardEvent) => {
    const arrows: Record<string, number> = atBottom ? { ArrowUp: LESS, ArrowDown: MORE } : { ArrowLeft: LESS, ArrowRight: MORE };
    const to = e.key in arrows ? size + arrows[e.key] * grows * STEP : e.key === 'Home' ? limits.least : e.key === 'End' ? limits.most : undefined;
    if (to !== undefined && !e.ctrlKey && !e.metaKey && !e.altKey) {
      e.preventDefault();
      e.stopPropagation();
      choose(to);
    }
  };
  return (
    <aside className="tl-drawer" data-at={atBottom ? 'bottom' : 'side'} data-side={side} data-over={over || undefined} style={{ [atBottom ? 'height' : 'width']: size, '--tl-head': `${head}px` } as React.CSSProperties} aria-label={label}>
      <div
        className="tl-drawer-edge"
        role="separator"
        tabIndex={0}
        aria-label={atBottom ? t('drawer.height', 'Height of the details') : t('drawer.width', 'Width of the details')}
        aria-orientation={atBottom ? 'horizontal' : 'vertical'}
        aria-valuenow={Math.round(size)}
        aria-valuemin={limits.least}
        aria-valuemax={Number.isFinite(limits.most) ? Math.round(limits.most) : undefined}
        aria-valuetext={t('drawer.pixels', '{{n}} pixels', { n: Math.round(size) })}
        title={t('drawer.drag', 'Drag, or press the arrow keys; a double click is the usual size')}
        onKeyDown={onKeyDown}
        onDoubleClick={() => choose(undefined)}
        onPointerDown={(e) => {
          e.currentTarget.setPointerCapture?.(e.pointerId);
          drag.current = { at: along(e), size };
        }}
        onPointerMove={(e) => drag.current && choose(drag.current.size + (along(e) - drag.current.at) * grows)}
        onPointerUp={() => (drag.current = null)}
        onPointerCancel={() => (drag.current = null)}
      />
      <div className="tl-drawer-body">{children}</div>
    </aside>
  );
}
