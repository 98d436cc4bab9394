// The surroundings of the pointer at reading size, for pictures whose bars are a few
// pixels high.
import type { Layout } from '../trace/layout';
import { drawBars } from './bars';
import { Fills } from './fills';
import { fitCanvas, pixelRatio } from './pixelRatio';
import { HEAD, Scale } from './scale';
import type { Scene } from './scene';
import { line, type Surface } from './surface';
import { Textures } from './texture';

interface LoupeView {
  /** Layout with bars of reading size that has the span. */
  layout: Layout;
  span: number;
  /** Time in the middle, and how much of it is shown. */
  time: number;
  range: number;
  width: number;
  height: number;
}

/** Pixels above the span that the loupe is on. */
const ABOVE = 56;

export function paintLoupe(canvas: HTMLCanvasElement, scene: Scene, v: LoupeView): void {
  const ctx = canvas.getContext('2d');
  if (!ctx) {
    return;
  }
  const ratio = pixelRatio();
  fitCanvas(canvas, v.width, v.height, ratio);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.fillStyle = scene.palette.background;
  ctx.fillRect(0, 0, v.width, v.height);
  const top = Math.max(0, Math.min(v.layout.y[v.span] - ABOVE, v.layout.total - v.height + 20));
  const s: Surface = {
    ctx,
    scene: { ...scene, layout: v.layout, texture: false, hits: null, highlight: null },
    scale: new Scale(v.time - v.range / 2, v.time + v.range / 2, v.width),
    size: { width: v.width, height: v.height },
    head: HEAD,
    top,
    fills: new Fills(scene.palette, scene.tones, new Textures(ratio, scene.palette)),
    dim: null,
  };
  ctx.save();
  ctx.translate(0, -top);
  drawBars(s);
  ctx.restore();
  ctx.strokeStyle = scene.palette.ink;
  ctx.lineWidth = 1;
  line(ctx, v.width / 2 + 0.5, 0, v.width / 2 + 0.5, v.height);
}
