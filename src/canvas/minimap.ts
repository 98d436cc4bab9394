// The whole trace in a strip of 28 pixels, painted once into a picture; over it the
// window that is on screen, search hits and where errors start.
import { groupOf, Layer, Source } from '../trace/model';
import { spanOf } from '../trace/layout';
import { fillRunning } from './groups';
import { visibleBars } from './rows';
import { HEAD, PAD, Scale } from './scale';
import type { Scene } from './scene';
import { roundRect, type Surface } from './surface';

/** It is left out rather than drawn lower. */
export const MINIMAP = HEAD.minimap;
const TALL = MINIMAP - 6;
const MOST_TICKS = 2000;
const NARROW = 4; // pixels; where the ones of such a bar are taken already, it adds nothing that could be told

export function paintMinimap(ctx: CanvasRenderingContext2D, scene: Scene, width: number): void {
  const { trace, slices } = scene.analysis;
  const { layout } = scene;
  const scale = new Scale(trace.from, trace.to, width);
  const shrink = TALL / Math.max(scene.layout.total, 40);
  const covered = new Covered(width);
  visibleBars(scene.layout, scale, width, -1, Infinity, (i, x0, x1, y) => {
    const top = 2 + Math.floor(y * shrink);
    if (x1 - x0 <= NARROW && covered.take(x0, x1, top)) {
      return;
    }
    const span = spanOf(layout, i);
    const tone = trace.source[span] === Source.Net ? scene.tones.strand(groupOf(trace, span)) : scene.tones.of(groupOf(trace, span));
    const h = Math.max(1, layout.height[i] * shrink);
    ctx.fillStyle = tone.wait;
    ctx.fillRect(x0, top, Math.max(1, x1 - x0), h);
    ctx.fillStyle = tone.self;
    if (i >= layout.spans) {
      fillRunning(ctx, layout.alike!, i - layout.spans, scale, { x0, x1, top, height: h });
      return;
    }
    for (let k = slices.first[i]; k < slices.first[i + 1] && x1 - x0 > 1; k++) {
      if (slices.layer[k] === Layer.Waiting) {
        continue;
      }
      const a = scale.x(slices.from[k]);
      const b = scale.x(slices.to[k]);
      if (b - a > 0.8) {
        ctx.fillRect(a, top, b - a, h);
      }
    }
  });
}

/** Pixels of the strip that narrow bars have taken: of a large trace thousands of rows share one. */
class Covered {
  private readonly pixels: Uint8Array;

  constructor(private readonly width: number) {
    this.pixels = new Uint8Array(Math.ceil(width + 1) * MINIMAP);
  }

  /** Takes what is between two edges, and says whether all of it was taken. */
  take(x0: number, x1: number, top: number): boolean {
    const row = Math.min(top, MINIMAP - 1) * Math.ceil(this.width + 1);
    let all = true;
    for (let x = Math.max(0, Math.floor(x0)); x < Math.min(this.width, Math.max(x0 + 1, x1)); x++) {
      all &&= this.pixels[row + x] === 1;
      this.pixels[row + x] = 1;
    }
    return all;
  }
}

export function drawMinimap(s: Surface, picture: CanvasImageSource | null, from: number, to: number): void {
  const { ctx, scene, size, head } = s;
  if (head.minimap === 0) {
    return;
  }
  const { palette } = scene;
  const { trace } = scene.analysis;
  const scale = new Scale(trace.from, trace.to, size.width);
  ctx.fillStyle = palette.dark ? palette.sunken : '#fbfbfb';
  ctx.fillRect(0, 0, size.width, MINIMAP);
  if (picture) {
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0); // pixel for pixel
    ctx.drawImage(picture, 0, 0);
    ctx.restore();
  }
  const [a, b] = [scale.x(from), scale.x(to)];
  const whole = b - a > size.width - 2 * PAD - 1;
  if (!whole) {
    ctx.fillStyle = palette.shade;
    ctx.fillRect(0, 0, a, MINIMAP);
    ctx.fillRect(b, 0, size.width - b, MINIMAP);
    ctx.strokeStyle = palette.focus;
    ctx.lineWidth = 1;
    ctx.strokeRect(a + 0.5, 0.5, Math.max(1, b - a - 1), MINIMAP - 1);
  }
  ticks(s, scale);
  ctx.fillStyle = whole ? palette.borderStrong : palette.focus;
  for (const x of [a, b]) {
    roundRect(ctx, x - 2, 8, 4, MINIMAP - 16, 2);
    ctx.fill();
  }
  ctx.fillStyle = palette.border;
  ctx.fillRect(0, MINIMAP, size.width, 1);
}

// Search hits above, error origins below; a pixel gets one tick.
function ticks(s: Surface, scale: Scale): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  if (scene.hits) {
    ctx.fillStyle = scene.palette.hit;
    for (const i of scene.hits.rows.subarray(0, MOST_TICKS)) {
      ctx.fillRect(scale.x(trace.start[i]) - 1, 0, 2, 5);
    }
  }
  ctx.fillStyle = scene.palette.errorLine;
  for (const i of scene.analysis.origins.subarray(0, MOST_TICKS)) {
    const x = scale.x(trace.start[i]);
    ctx.fillRect(x, MINIMAP - 3, Math.max(2, scale.x(trace.end[i]) - x), 2);
  }
}
