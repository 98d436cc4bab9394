// Paints the graph: one repaint per animation frame at most. Bars are painted into a
// picture that is kept until the scene or the view changes, so that moving the pointer
// never repaints them.
import { drawAxis, drawCursor, drawGrid, drawRange } from './axis';
import { drawBars } from './bars';
import { drawCallouts } from './callouts';
import { drawCriticalPath } from './critical';
import { Fills } from './fills';
import { drawGroupMarks } from './groups';
import { drawLaneLines, drawOrphansHead } from './lanelines';
import { shownEvents, type SpanEvent } from '../trace/events';
import { drawEvents, drawMarks } from './marks';
import { drawAnswer, drawHints } from './edges';
import { drawMinimap, MINIMAP, paintMinimap } from './minimap';
import { fitCanvas, pixelRatio } from './pixelRatio';
import { paintTexture } from './raster';
import { dimmed, type Scene } from './scene';
import { headOf, scrollLimit, viewScale, type Head, type Size } from './scale';
import { drawSpine } from './spine';
import { drawStrandLabels } from './strands';
import { roundRect, type Surface } from './surface';
import { Textures } from './texture';
import type { Viewport } from './viewport';

/** What follows the pointer and the keyboard, painted over the bars. */
interface Overlay {
  selected: number;
  /** A bar: of a span, or of a group of them. */
  hovered: number;
  /** Pointer position, null when it is elsewhere. */
  pointer: { x: number; y: number } | null;
  range: readonly [number, number] | null;
  /** A range that a drag is about to zoom to. */
  zoom: readonly [number, number] | null;
  /** Which event of the selected span the keyboard is on, -1 for none. */
  event: number;
  /** Events of the selected span, from its details. */
  events: { row: number; list: readonly SpanEvent[] } | null;
}

/** Bars of this height and less have no marks of events. */
const LEAST_EVENTS = 4;

/** In traces of more spans, bars narrower than this are painted into pixels first. */
const MANY = 2000;
const NARROW = 12;

interface PaintStats {
  bars: number;
  barsMs: number;
  frameMs: number;
  /** When the first picture was there, by the page's clock; 0 before. */
  firstAt: number;
}

export class Renderer {
  readonly stats: PaintStats = { bars: 0, barsMs: 0, frameMs: 0, firstAt: 0 };
  overlay: Overlay = { selected: -1, hovered: -1, pointer: null, range: null, zoom: null, event: -1, events: null };
  size: Size = { width: 0, height: 0 };
  head: Head = headOf(0);
  private scene: Scene | null = null;
  private dim: Uint8Array | null = null;
  private fills: Fills | null = null;
  private ratio = 1;
  private image: ImageData | null = null;
  private queued = 0;
  private bars: { canvas: HTMLCanvasElement; key: string; scene: Scene } | null = null;
  private mapFor: Scene['layout'] | null = null;
  private map: { canvas: HTMLCanvasElement; scene: Scene; width: number; ratio: number } | null = null;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    readonly viewport: Viewport
  ) {
    this.unsubscribe = viewport.subscribe(() => this.request());
  }

  setScene(scene: Scene): void {
    if (scene.palette !== this.scene?.palette || scene.tones !== this.scene?.tones) {
      this.fills = null;
    }
    this.scene = scene;
    this.dim = dimmed(scene);
    this.viewport.scroll(this.viewport.top, this.scrollLimit());
    this.request();
  }

  resize(width: number, height: number, head = headOf(height)): void {
    const ratio = pixelRatio();
    if (width === this.size.width && height === this.size.height && ratio === this.ratio) {
      return;
    }
    this.size = { width, height };
    this.head = head;
    this.ratio = ratio;
    this.fills = null;
    fitCanvas(this.canvas, width, height, ratio);
    if (this.stats.firstAt > 0 || !this.scene || this.scene.layout.order.length + this.scene.analysis.trace.length < MANY) {
      this.paint(); // at once: a resized canvas is empty
    } else {
      this.request(); // the first picture of a large trace is work enough for a turn of its own
    }
  }

  /** What is painted. */
  get shown(): Scene | null {
    return this.scene;
  }

  scrollLimit(): number {
    return this.scene ? scrollLimit(this.scene.layout.total, this.size.height, this.head) : 0;
  }

  setOverlay(overlay: Partial<Overlay>): void {
    this.overlay = { ...this.overlay, ...overlay };
    this.request();
  }

  /** Forgets the painted bars, for measurements. */
  forget(): void {
    this.bars = null;
  }

  request(): void {
    this.queued ||= requestAnimationFrame(() => this.paint());
  }

  dispose(): void {
    cancelAnimationFrame(this.queued);
    this.unsubscribe();
  }

  /** With what would be painted a turn later. */
  paintWhole(): void {
    this.mapFor = this.scene?.layout ?? null;
    this.paint();
  }

  paint(): void {
    cancelAnimationFrame(this.queued);
    this.queued = 0;
    const ctx = this.canvas.getContext('2d');
    const { scene, size, head, viewport } = this;
    if (!ctx || !scene || size.width <= 0 || size.height <= 0) {
      return;
    }
    const began = performance.now();
    const s = this.surface(ctx, scene);
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    ctx.fillStyle = scene.palette.background;
    ctx.fillRect(0, 0, size.width, size.height);
    drawAnswer(s);
    drawGrid(s);
    this.paintBars(s);
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, head.height, size.width, size.height - head.height);
    ctx.clip();
    ctx.translate(0, head.height - viewport.top);
    drawMarks(s, this.overlay.selected, this.overlay.hovered);
    const { selected } = this.overlay;
    if (selected >= 0 && scene.layout.y[selected] >= 0 && scene.layout.height[selected] > LEAST_EVENTS) {
      drawEvents(s, selected, shownEvents(scene.analysis.trace, selected, this.overlay.events), this.overlay.event);
    }
    ctx.restore();
    drawMinimap(s, this.minimapPicture(scene), viewport.from, viewport.to);
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, head.minimap, size.width, size.height);
    ctx.clip();
    drawAxis(s);
    drawSpine(s);
    drawHints(s, viewport);
    this.paintOverlay(s);
    ctx.restore();
    this.paintScrollbar(s);
    const now = performance.now();
    this.stats.frameMs = now - began;
    this.stats.firstAt ||= now;
  }

  private surface(ctx: CanvasRenderingContext2D, scene: Scene): Surface {
    this.fills ??= new Fills(scene.palette, scene.tones, new Textures(this.ratio, scene.palette));
    return { ctx, scene, size: this.size, head: this.head, scale: viewScale(this.viewport, this.size), top: this.viewport.top, fills: this.fills, dim: this.dim };
  }

  private paintBars(s: Surface): void {
    const { from, to, top } = this.viewport;
    const height = this.size.height - this.head.height;
    if (height <= 0) {
      return;
    }
    const key = [from, to, top, s.size.width, s.size.height, this.ratio].join();
    if (!this.bars || this.bars.key !== key || this.bars.scene !== s.scene) {
      const began = performance.now();
      const canvas = this.bars?.canvas ?? document.createElement('canvas');
      const [w, h] = [Math.max(1, Math.round(s.size.width * this.ratio)), Math.max(1, Math.round(height * this.ratio))];
      if (canvas.width !== w || canvas.height !== h) {
        [canvas.width, canvas.height] = [w, h];
      } else {
        const old = canvas.getContext('2d');
        old?.setTransform(1, 0, 0, 1, 0, 0);
        old?.clearRect(0, 0, w, h);
      }
      this.stats.bars = s.scene.texture ? this.texture(canvas, s, height) : this.vector(canvas, s, height);
      this.bars = { canvas, key, scene: s.scene };
      this.stats.barsMs = performance.now() - began;
    }
    // Pixel for pixel: between two of them a picture is a blur.
    s.ctx.setTransform(1, 0, 0, 1, 0, 0);
    s.ctx.drawImage(this.bars.canvas, 0, Math.round(this.head.height * this.ratio));
    s.ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
  }

  private vector(canvas: HTMLCanvasElement, s: Surface, height: number): number {
    const ctx = canvas.getContext('2d');
    if (!ctx) {
      return 0;
    }
    const many = s.scene.analysis.trace.length > MANY;
    const narrow = many ? this.raster(ctx, canvas, s, height, NARROW) : 0;
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, -s.top * this.ratio);
    const bars: Surface = { ...s, ctx, size: { width: s.size.width, height } };
    drawLaneLines(bars);
    const calls = new Set<number>();
    const drawn = narrow + drawBars(bars, many ? NARROW : 0, calls);
    drawGroupMarks(bars);
    drawOrphansHead(bars);
    drawStrandLabels(bars, calls);
    drawCallouts(bars);
    if (s.scene.critical) {
      drawCriticalPath(bars);
    }
    return drawn;
  }

  private texture(canvas: HTMLCanvasElement, s: Surface, height: number): number {
    const ctx = canvas.getContext('2d');
    if (!ctx) {
      return 0;
    }
    return this.raster(ctx, canvas, s, height, Infinity);
  }

  private raster(ctx: CanvasRenderingContext2D, canvas: HTMLCanvasElement, s: Surface, height: number, below: number): number {
    if (!this.image || this.image.width !== canvas.width || this.image.height !== canvas.height) {
      this.image = ctx.createImageData(canvas.width, canvas.height);
    }
    const pixels = new Uint32Array(this.image.data.buffer);
    pixels.fill(0);
    const { from, to } = this.viewport;
    const drawn = paintTexture(pixels, s.scene, { from, to, width: s.size.width, height, top: s.top, ratio: this.ratio, dim: this.dim, below });
    ctx.putImageData(this.image, 0, 0);
    return drawn;
  }

  private minimapPicture(scene: Scene): HTMLCanvasElement | null {
    const { width } = this.size;
    if (this.head.minimap === 0) {
      return null;
    }
    const fits = this.map && this.map.width === width && this.map.ratio === this.ratio && this.map.scene.layout === scene.layout && this.map.scene.tones === scene.tones;
    if (!fits && this.mapLater(scene)) {
      return this.map?.canvas ?? null;
    }
    if (!fits) {
      const canvas = document.createElement('canvas');
      canvas.width = Math.max(1, Math.round(width * this.ratio));
      canvas.height = Math.round(MINIMAP * this.ratio);
      const ctx = canvas.getContext('2d');
      if (!ctx) {
        return null;
      }
      ctx.scale(this.ratio, this.ratio);
      paintMinimap(ctx, scene, width);
      this.map = { canvas, scene, width, ratio: this.ratio };
    }
    return this.map!.canvas;
  }

  // Of a large trace it is made in a turn of its own: bars first.
  private mapLater(scene: Scene): boolean {
    if (scene.analysis.trace.length < MANY || this.mapFor === scene.layout) {
      return false;
    }
    this.mapFor = scene.layout;
    this.request();
    return true;
  }

  private paintOverlay(s: Surface): void {
    const { range, zoom, pointer } = this.overlay;
    if (range) {
      drawRange(s, range[0], range[1]);
    }
    if (zoom) {
      drawRange(s, zoom[0], zoom[1], 'zoom to');
    }
    if (pointer && pointer.y > this.head.axisTop && pointer.x >= 0 && pointer.x <= s.size.width) {
      drawCursor(s, pointer.x, pointer.y);
    }
  }

  private paintScrollbar(s: Surface): void {
    const limit = this.scrollLimit();
    if (limit <= 0) {
      return;
    }
    const room = s.size.height - this.head.height;
    const h = Math.max(24, (room * room) / (room + limit));
    s.ctx.fillStyle = s.scene.palette.borderStrong;
    roundRect(s.ctx, s.size.width - 6, this.head.height + ((room - h) * s.top) / limit, 4, h, 2);
    s.ctx.fill();
  }
}
