// Paints a comparison: a picture of bars and ribbons that is kept until the scene or the
// view changes, and over it what follows the pointer.
import { barAt } from './hit';
import { drawCaption, drawComparisonSpine, drawRibbons, ribbonPath } from './comparisonRibbons';
import { drawComparisonBars, surfaceOf, type ComparisonSurface } from './comparisonBars';
import { comparisonLimit, halfScale, placesOf, SPINE_HIGH, TOP, topOf, type At, type ComparisonScene } from './comparisonScene';
import { drawComparisonCallouts } from './comparisonCallouts';
import { ribbonAt } from '../trace/ribbons';
import { holderAt } from '../trace/holder';
import { axisStep, formatAxis } from '../trace/ticks';
import { fitCanvas, pixelRatio } from './pixelRatio';
import { Scale, type Size } from './scale';
import { line, roundRect } from './surface';
import { textWidth } from './text';
import { FONT } from './theme';
import type { Viewport } from './viewport';

export class ComparisonPainter {
  size: Size = { width: 0, height: 0 };
  /** What the pointer is on, and what is chosen: each with its match. */
  hovered: At | null = null;
  marked: At | null = null;
  pointer: { x: number; y: number } | null = null;
  private scene: ComparisonScene | null = null;
  private kept: { canvas: HTMLCanvasElement; key: string; scene: ComparisonScene } | null = null;
  private queued = 0;
  private ratio = 1;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    readonly viewport: Viewport
  ) {
    this.unsubscribe = viewport.subscribe(() => this.request());
  }

  setScene(scene: ComparisonScene): void {
    this.scene = scene;
    this.hovered = null;
    this.request();
  }

  resize(width: number, height: number): void {
    this.size = { width, height };
    this.ratio = pixelRatio();
    fitCanvas(this.canvas, width, height, this.ratio);
    this.paint();
  }

  scrollLimit(): number {
    return this.scene ? comparisonLimit(this.scene, this.size) : 0;
  }

  /** Scrolls so that the ribbons are in the middle, where not all fits. */
  scrollToMiddle(): void {
    if (this.scene && this.size.height > 0) {
      const { spines } = placesOf(this.scene, this.size);
      this.viewport.scroll((spines[0] + spines[1] + SPINE_HIGH) / 2 - this.size.height / 2, this.scrollLimit());
    }
  }

  request(): void {
    this.queued ||= requestAnimationFrame(() => this.paint());
  }

  dispose(): void {
    cancelAnimationFrame(this.queued);
    this.unsubscribe();
  }

  /** The span under a point: a bar, or whoever held the time on a spine. */
  at(x: number, y: number): At | null {
    const { scene, size, viewport } = this;
    if (!scene || y < TOP) {
      return null;
    }
    const places = placesOf(scene, size);
    const inPicture = y + viewport.top;
    for (const side of [0, 1] as const) {
      const half = scene.halves[side];
      const scale = halfScale(half, viewport, size);
      if (inPicture >= places.spines[side] && inPicture < places.spines[side] + SPINE_HIGH) {
        const k = holderAt(half.analysis.holders, scale.time(x));
        return k < 0 ? null : { side, row: half.analysis.holders.span[k] };
      }
      const inLayout = side === 0 ? places.roots[0] - inPicture : inPicture - places.roots[1];
      if (inLayout >= -2) {
        const row = barAt(half.layout, scale, x, inLayout);
        return row < 0 ? null : { side, row };
      }
    }
    return null;
  }

  paint(): void {
    cancelAnimationFrame(this.queued);
    this.queued = 0;
    const ctx = this.canvas.getContext('2d');
    const { scene, size } = this;
    if (!ctx || !scene || size.width <= 0 || size.height <= 0) {
      return;
    }
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.picture(scene), 0, 0);
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const s = surfaceOf(ctx, scene, size, this.viewport);
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, TOP, size.width, size.height - TOP);
    ctx.clip();
    if (this.marked) {
      drawMark(s, this.marked, scene.palette.focus, 2);
    }
    if (this.hovered) {
      drawMark(s, this.hovered, scene.palette.ink, 1.25);
    }
    ctx.restore();
    this.paintCursor(s);
    this.paintScrollbar(s);
  }

  private picture(scene: ComparisonScene): HTMLCanvasElement {
    const { from, to, top } = this.viewport;
    const key = [from, to, top, this.size.width, this.size.height, this.ratio].join();
    if (this.kept?.key === key && this.kept.scene === scene) {
      return this.kept.canvas;
    }
    const canvas = this.kept?.canvas ?? document.createElement('canvas');
    [canvas.width, canvas.height] = [this.canvas.width, this.canvas.height];
    const ctx = canvas.getContext('2d');
    if (ctx) {
      ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      ctx.fillStyle = scene.palette.background;
      ctx.fillRect(0, 0, this.size.width, this.size.height);
      const s = surfaceOf(ctx, scene, this.size, this.viewport);
      drawGrid(s);
      for (const side of [0, 1] as const) {
        drawComparisonBars(s, side);
        drawComparisonSpine(s, side);
        drawCaption(s, side);
      }
      drawRibbons(s);
      drawComparisonCallouts(s);
      drawTimes(s);
    }
    this.kept = { canvas, key, scene };
    return canvas;
  }

  private paintCursor({ ctx, scene, size }: ComparisonSurface): void {
    if (!this.pointer) {
      return;
    }
    const x = Math.round(this.pointer.x) + 0.5;
    ctx.strokeStyle = scene.palette.textWeak;
    ctx.setLineDash([2, 3]);
    line(ctx, x, TOP, x, size.height);
    ctx.setLineDash([]);
    const scale = new Scale(this.viewport.from, this.viewport.to, size.width);
    const text = formatAxis(scale.time(this.pointer.x), scale.pixel * 4);
    ctx.font = `500 11px ${FONT}`;
    const width = textWidth(ctx, text) + 12;
    const left = Math.max(0, Math.min(size.width - width, x - width / 2));
    ctx.fillStyle = scene.palette.ink;
    roundRect(ctx, left, 3, width, 17, 3);
    ctx.fill();
    ctx.fillStyle = scene.palette.dark ? scene.palette.sunken : '#ffffff';
    ctx.textBaseline = 'middle';
    ctx.fillText(text, left + 6, 12);
  }

  private paintScrollbar({ ctx, scene, size }: ComparisonSurface): void {
    const limit = this.scrollLimit();
    if (limit <= 0) {
      return;
    }
    const room = size.height - TOP;
    const h = Math.max(24, (room * room) / (room + limit));
    ctx.fillStyle = scene.palette.borderStrong;
    roundRect(ctx, size.width - 6, TOP + ((room - h) * this.viewport.top) / limit, 4, h, 2);
    ctx.fill();
  }
}

// A span, its match, and the ribbons between them.
function drawMark(s: ComparisonSurface, at: At, colour: string, width: number): void {
  const { ctx, scene } = s;
  const rows: [number, number] = at.side === 0 ? [at.row, scene.halves[0].match[at.row]] : [scene.halves[1].match[at.row], at.row];
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  for (const side of [0, 1] as const) {
    const half = scene.halves[side];
    const row = rows[side];
    if (row >= 0 && half.layout.y[row] >= 0) {
      const scale = halfScale(half, s.view, s.size);
      const { start, end } = half.analysis.trace;
      const x0 = Math.max(-4, scale.x(start[row]));
      const x1 = Math.min(s.size.width + 4, scale.x(end[row]));
      roundRect(ctx, x0 - 1, topOf(s.places, half, side, row) - s.view.top - 1, Math.max(3, x1 - x0) + 2, half.layout.height[row] + 2, 3);
      ctx.stroke();
    }
  }
  const { ribbons } = scene;
  for (let k = 0; k < ribbons.length; k++) {
    if (ribbons.rows[0][k] === rows[0] && ribbons.rows[1][k] === rows[1] && ribbonPath(s, ribbonAt(ribbons, k)) > 0) {
      ctx.stroke();
    }
  }
}

function forMarks(s: ComparisonSurface, mark: (x: number, text: string) => void): void {
  const scale = new Scale(s.view.from, s.view.to, s.size.width);
  const step = axisStep(s.view.to - s.view.from, Math.max(3, s.size.width / 130));
  for (let k = Math.ceil(s.view.from / step - 1e-9); k * step <= s.view.to + step / 9; k++) {
    mark(scale.x(k * step), k === 0 ? '0' : formatAxis(k * step, step));
  }
}

function drawGrid(s: ComparisonSurface): void {
  s.ctx.strokeStyle = s.scene.palette.border;
  s.ctx.lineWidth = 1;
  forMarks(s, (x) => line(s.ctx, Math.round(x) + 0.5, TOP, Math.round(x) + 0.5, s.size.height));
}

function drawTimes(s: ComparisonSurface): void {
  const { ctx, scene, size } = s;
  ctx.fillStyle = scene.palette.background;
  ctx.fillRect(0, 0, size.width, TOP);
  ctx.fillStyle = scene.palette.border;
  ctx.fillRect(0, TOP - 1, size.width, 1);
  ctx.font = `11px ${FONT}`;
  ctx.fillStyle = scene.palette.textWeak;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'center';
  forMarks(s, (x, text) => {
    const half = textWidth(ctx, text) / 2;
    ctx.fillText(text, Math.max(10 + half, Math.min(size.width - 10 - half, x)), 12);
  });
  ctx.textAlign = 'left';
}
