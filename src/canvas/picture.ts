// The graph as a picture of its own: all rows, whatever part of them is on screen, under
// a line that says what it is.
import { HEAD, FOOT } from './scale';
import { Renderer } from './renderer';
import type { Scene } from './scene';
import { FONT } from './theme';
import { Viewport } from './viewport';

const TITLE = 48;
const TALLEST = 8000; // pixels that every browser can still make into a picture

interface PictureOf {
  scene: Scene;
  /** Time that is shown. */
  from: number;
  to: number;
  width: number;
  title: string;
  subtitle: string;
}

export function paintPicture(p: PictureOf): HTMLCanvasElement | null {
  const { palette, layout, analysis } = p.scene;
  const ratio = window.devicePixelRatio || 1;
  const height = Math.min(TALLEST, layout.total + HEAD.height + FOOT);
  const viewport = new Viewport(() => true);
  viewport.reset({ from: analysis.trace.from, to: analysis.trace.to });
  viewport.show(p.from, p.to, false);
  const graph = document.createElement('canvas');
  const renderer = new Renderer(graph, viewport);
  renderer.setScene(p.scene);
  renderer.resize(p.width, height, HEAD);
  renderer.paintWhole();
  renderer.dispose();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(p.width * ratio);
  canvas.height = Math.round((height + TITLE) * ratio);
  const ctx = canvas.getContext('2d');
  if (!ctx) {
    return null;
  }
  ctx.scale(ratio, ratio);
  ctx.fillStyle = palette.background;
  ctx.fillRect(0, 0, p.width, height + TITLE);
  ctx.fillStyle = palette.ink;
  ctx.font = `600 14px ${FONT}`;
  ctx.fillText(p.title, 10, 20, p.width - 20);
  ctx.fillStyle = palette.textWeak;
  ctx.font = `400 12px ${FONT}`;
  ctx.fillText(p.subtitle, 10, 38, p.width - 20);
  ctx.drawImage(graph, 0, TITLE, p.width, height);
  return canvas;
}
