import React, { useLayoutEffect, useMemo, useRef } from 'react';
import { paintLoupe } from '../canvas/loupe';
import type { Scene } from '../canvas/scene';
import { HEIGHTS, layoutTrace } from '../trace/layout';
import { useTrace } from './context';

const WIDTH = 440;
const HEIGHT = 148;
/** The loupe shows so many pixels of the graph's time. */
const PIXELS = 44;

/** Real rows around the pointer, over the tooltip of a texture. */
export function Loupe({ scene, row, time, pixel }: { scene: Scene; row: number; time: number; pixel: number }) {
  const { analysis } = useTrace();
  const { trace } = analysis;
  const canvas = useRef<HTMLCanvasElement>(null);
  let top = row;
  const half = (PIXELS * pixel) / 2;
  // The nearest ancestor that fills the loupe: its subtree is all there is to see.
  while (trace.parent[top] >= 0 && (trace.start[top] > time - half || trace.end[top] < time + half)) {
    top = trace.parent[top];
  }
  const layout = useMemo(
    () => layoutTrace(trace, { heights: HEIGHTS.strands, layers: [true, true, true], collapsed: new Set(), focus: top, ghosts: false, held: analysis.held.below }),
    [trace, analysis, top]
  );
  useLayoutEffect(() => {
    paintLoupe(canvas.current!, scene, { layout, span: row, time, range: PIXELS * pixel, width: WIDTH, height: HEIGHT });
  }, [scene, layout, row, time, pixel]);
  return <canvas ref={canvas} style={{ display: 'block', marginBottom: 6, borderRadius: 2 }} aria-hidden />;
}
