import React, { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { spans } from '../language/counts';
import { t } from '../language/t';
import { Pointer, type PointerEvents } from '../canvas/pointer';
import { Renderer } from '../canvas/renderer';
import type { Scene } from '../canvas/scene';
import { clip } from '../trace/clip';
import { formatTime } from '../trace/format';
import { memberAt } from '../trace/alike';
import { groupAt } from '../trace/layout';
import { labelOf } from '../trace/label';
import type { Hits } from '../trace/find/search';
import { useTrace } from './context';
import { usePointed } from './state/hover';
import { Loupe } from './Loupe';
import { Tooltip, type TipAt } from './Tooltip';
import { usePixelRatio } from './usePixelRatio';

interface FlameViewProps {
  hits: Hits | null;
  width: number;
  height: number;
  /** Told once, so that keys can scroll and ask for what was painted. */
  onRenderer: (renderer: Renderer | null) => void;
}

/** The canvas: one tab stop; arrows walk the tree, the waterfall is the same as a table. */
export function FlameView({ hits, width, height, onRenderer }: FlameViewProps) {
  const { analysis, layout, palette, tones, viewport, state, act, select, zoomTo, focusSubtree, toggleGroup } = useTrace();
  const pointed = usePointed();
  const canvas = useRef<HTMLCanvasElement>(null);
  const renderer = useRef<Renderer | null>(null);
  const [tip, setTip] = useState<(TipAt & { time: number; of: typeof layout }) | null>(null);
  const pointer = useRef<Pointer | null>(null);
  const ratio = usePixelRatio();
  const { onlyGroup, critical, collapsed, pinned } = state;
  const highlight = pinned ?? pointed;

  const scene = useMemo<Scene>(
    () => ({ analysis, layout, texture: layout.density === 'texture', palette, tones, hits, onlyGroup, highlight, critical, collapsed }),
    [analysis, layout, palette, tones, hits, onlyGroup, highlight, critical, collapsed]
  );

  const spanAt = (bar: number, time: number): number => {
    const group = groupAt(layout, bar);
    return group < 0 ? bar : memberAt(analysis.trace, layout.alike!, group, time);
  };

  // The pointer's listeners live as long as the canvas and see what is current by these.
  const currentScene = useRef<Scene>(scene);
  const events = useRef<PointerEvents>(null!);
  useLayoutEffect(() => {
    currentScene.current = scene;
    events.current = {
      hover: (target) => {
        const box = canvas.current?.getBoundingClientRect();
        setTip(target && box ? { ...target, x: box.left + target.x, y: box.top + target.y, of: layout } : null);
      },
      select: (bar, time) => select(spanAt(bar, time)),
      focusSubtree: (bar, time) => focusSubtree(spanAt(bar, time)),
      open: (bar) => {
        const group = groupAt(layout, bar);
        if (group >= 0) {
          toggleGroup(group);
        } else {
          zoomTo(bar);
        }
      },
      range: (range) => act.mark(range),
      drag: state.drag,
    };
  });

  useLayoutEffect(() => {
    const made = new Renderer(canvas.current!, viewport);
    pointer.current = new Pointer(canvas.current!, made, () => currentScene.current, () => events.current);
    renderer.current = made;
    onRenderer(made);
    return () => {
      pointer.current?.dispose();
      made.dispose();
      renderer.current = null;
      onRenderer(null);
    };
  }, [viewport, onRenderer]);

  useLayoutEffect(() => renderer.current?.setScene(scene), [scene, viewport, onRenderer]);
  useLayoutEffect(() => renderer.current?.resize(width, height), [width, height, ratio, viewport, onRenderer]);
  useEffect(() => renderer.current?.setOverlay({ selected: state.selected, range: state.range, event: state.event, events: state.events }), [state.selected, state.range, state.event, state.events]);
  useLayoutEffect(() => pointer.current?.tell(), [layout]); // what lies under it now: rows mean other spans

  const { trace } = analysis;
  const summary = t('flame.label', 'Flame graph of {{name}}, {{spans}}, {{time}}. Arrow keys walk the spans; the Waterfall tab is the same data as a table.', {
    name: trace.main >= 0 ? clip(labelOf(trace, trace.main)) : t('flame.a-trace', 'a trace'),
    spans: spans(trace.length),
    time: formatTime(trace.to - trace.from),
  });
  return (
    <>
      <canvas ref={canvas} tabIndex={0} role="img" aria-label={summary} data-testid="throughline-flame" />
      {tip && tip.of === layout && (
        <Tooltip at={tip}>{scene.texture && tip.bar >= 0 && <Loupe scene={scene} row={tip.bar} time={tip.time} pixel={viewport.span / Math.max(1, width)} />}</Tooltip>
      )}
    </>
  );
}
