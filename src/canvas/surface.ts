// What every drawing function is given: the context, the scene, and where things are.
import type { Fills } from './fills';
import type { Head, Scale, Size } from './scale';
import type { Scene } from './scene';

export interface Surface {
  ctx: CanvasRenderingContext2D;
  scene: Scene;
  scale: Scale;
  size: Size;
  /** What lies above the bars, on the whole canvas. */
  head: Head;
  /** Pixels the bars are scrolled down by. */
  top: number;
  fills: Fills;
  dim: Uint8Array | null;
}

export function roundRect(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number): void {
  ctx.beginPath();
  if (r > 0 && w > 0 && h > 0) {
    ctx.roundRect(x, y, w, h, Math.min(r, w / 2, h / 2));
  } else {
    ctx.rect(x, y, w, h);
  }
}

export function line(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
}
