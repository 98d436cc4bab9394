// Mouse and wheel on the canvas: hover, click, double click, pan, mark a range, zoom to one,
// minimap. It knows nothing of React: what was meant is told by callbacks.
import { DoubleClick } from './doubleClick';
import { hintAt } from './edges';
import { barAt, calloutAt, eventAt } from './hit';
import { Scale, viewScale } from './scale';
import { shownEvents } from '../trace/events';
import { holderAt } from '../trace/holder';
import { Listeners } from './listeners';
import type { Renderer } from './renderer';
import type { Scene } from './scene';

interface Target {
  /** The bar, of a span or of a group of them; -1 for none. */
  bar: number;
  /** Held segment (of the spine, or of the space under a slice), -1 for none. */
  segment: number;
  /** Event of the span whose mark the pointer is on, -1 for none. */
  event: number;
  /** Time under the pointer. */
  time: number;
  x: number;
  y: number;
}

export interface PointerEvents {
  hover(target: Target | null): void;
  /** A press on a bar, or (-1) beside all; the time tells which of a group's spans. */
  select(bar: number, time: number): void;
  focusSubtree(bar: number, time: number): void;
  /** A double press on a bar. */
  open(bar: number): void;
  range(range: readonly [number, number] | null, done: boolean): void;
  /** What a plain drag on the graph does; with Ctrl (or ⌘) it does the other. */
  drag: DragMode;
}

export type DragMode = 'pan' | 'zoom';

type Drag =
  | { kind: 'pan'; x: number; y: number; from: number; to: number; top: number; moved: boolean }
  | { kind: 'range' | 'zoom'; x: number; y: number; at: number; moved: boolean }
  | { kind: 'window'; x: number; y: number; at: number; moved: boolean }
  | { kind: 'slide'; x: number; y: number; from: number; to: number; moved: boolean };

const SNAP = 6; // pixels from which the ruler takes a bar's edge
const CLICK = 3; // pixels the pointer may move in a click
const LEAST_ZOOM = 4; // pixels of a drag that zooms

export class Pointer {
  private readonly listening: Listeners;
  private drag: Drag | null = null;
  private readonly doubleClick: DoubleClick<{ bar: number }>;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly renderer: Renderer,
    private readonly scene: () => Scene | null,
    private readonly events: () => PointerEvents
  ) {
    this.listening = new Listeners(canvas);
    const { on } = this.listening;
    on('pointermove', (e) => this.move(e));
    on('pointerdown', (e) => this.down(e));
    on('pointerup', (e) => this.up(e));
    on('pointercancel', () => this.cancel());
    on('pointerleave', () => this.leave());
    this.doubleClick = new DoubleClick(window, ({ bar }) => (bar >= 0 ? this.events().open(bar) : this.renderer.viewport.fit()));
    on('wheel', (e) => this.wheel(e));
  }

  dispose(): void {
    this.listening.dispose();
    this.doubleClick.dispose();
  }

  private get scale(): Scale {
    return viewScale(this.renderer.viewport, this.renderer.size);
  }

  private get mapScale(): Scale {
    const trace = this.scene()?.analysis.trace;
    return new Scale(trace?.from ?? 0, trace?.to ?? 1, this.renderer.size.width);
  }

  // The ruler holds on to the edges of the bar (or of the held stretch) under it, so that
  // what it measures is exact.
  private snapped(x: number, y: number): number {
    const scene = this.scene();
    const time = this.scale.time(x);
    if (!scene) {
      return time;
    }
    const { trace, holders } = scene.analysis;
    const { layout } = scene;
    const { bar, segment } = this.targetAt(x, y);
    const edges = bar >= 0 ? [layout.start[bar], layout.end[bar]] : segment >= 0 ? [holders.from[segment], holders.to[segment]] : [];
    const near = edges.find((edge) => Math.abs(this.scale.x(edge) - x) <= SNAP);
    return near ?? Math.max(trace.from, Math.min(trace.to, time));
  }

  private targetAt(x: number, y: number): Target {
    const scene = this.scene();
    const target = { bar: -1, segment: -1, event: -1, time: this.scale.time(x), x, y };
    const { head } = this.renderer;
    if (!scene || y < head.axisTop) {
      return target;
    }
    if (y < head.height) {
      return { ...target, segment: holderAt(scene.analysis.holders, this.scale.time(x)) };
    }
    const inBars = y - head.height + this.renderer.viewport.top;
    const bar = barAt(scene.layout, this.scale, x, inBars);
    const segment = bar < 0 && !scene.texture ? calloutAt(scene.analysis, scene.layout, this.scale, x, inBars) : -1;
    const { trace } = scene.analysis;
    const events = bar >= 0 && bar < scene.layout.spans ? shownEvents(trace, bar, this.renderer.overlay.events) : [];
    return { ...target, bar, segment, event: eventAt(scene.layout, bar, events, this.scale, x, inBars) };
  }

  private move(e: PointerEvent): void {
    const { x, y } = this.listening.point(e);
    if (this.drag) {
      this.dragTo(x, y);
      return;
    }
    const { head } = this.renderer;
    const target = this.targetAt(x, y);
    const zooms = (this.events().drag === 'zoom') !== (e.ctrlKey || e.metaKey);
    this.canvas.style.cursor = target.bar >= 0 || this.onHint(x, y) ? 'pointer' : y < head.minimap ? 'col-resize' : y < head.height || zooms ? 'crosshair' : 'grab';
    this.tellOf(target);
  }

  private tellOf(target: Target): void {
    this.renderer.setOverlay({ pointer: { x: target.x, y: target.y }, hovered: target.bar });
    this.events().hover(target.bar >= 0 || target.segment >= 0 ? target : null);
  }

  /** Tells again what the pointer rests on, as the picture under it is another one. */
  tell(): void {
    const { pointer } = this.renderer.overlay;
    if (pointer && !this.drag) {
      this.tellOf(this.targetAt(pointer.x, pointer.y));
    }
  }

  private onHint(x: number, y: number): boolean {
    const { viewport, size, head, shown } = this.renderer;
    return shown !== null && hintAt(shown, viewport, size, head, x, y);
  }

  private cancel(): void {
    this.drag = null;
    this.renderer.setOverlay({ zoom: null });
  }

  private leave(): void {
    if (!this.drag) {
      this.renderer.setOverlay({ pointer: null, hovered: -1 });
      this.events().hover(null);
    }
  }

  private down(e: PointerEvent): void {
    if (e.button !== 0) {
      return;
    }
    const { x, y } = this.listening.point(e);
    const { viewport } = this.renderer;
    try {
      this.canvas.setPointerCapture(e.pointerId);
    } catch {
      // A synthetic event has no pointer to capture.
    }
    this.events().hover(null);
    if (y < this.renderer.head.minimap) {
      const inside = !viewport.whole && x > this.mapScale.x(viewport.from) && x < this.mapScale.x(viewport.to);
      this.drag = inside ? { kind: 'slide', x, y, from: viewport.from, to: viewport.to, moved: false } : { kind: 'window', x, y, at: this.mapScale.time(x), moved: false };
    } else if (e.shiftKey || y < this.renderer.head.height) {
      this.drag = { kind: 'range', x, y, at: this.snapped(x, y), moved: false };
    } else if ((this.events().drag === 'zoom') !== (e.ctrlKey || e.metaKey)) {
      this.drag = { kind: 'zoom', x, y, at: this.scale.time(x), moved: false };
    } else {
      this.drag = { kind: 'pan', x, y, from: viewport.from, to: viewport.to, top: viewport.top, moved: false };
    }
  }

  private dragTo(x: number, y: number): void {
    const drag = this.drag!;
    const { viewport, size } = this.renderer;
    const moves = Math.abs(x - drag.x) > CLICK || Math.abs(y - drag.y) > CLICK;
    if (moves && !drag.moved && drag.kind !== 'range' && drag.kind !== 'zoom') {
      viewport.leave();
    }
    drag.moved ||= moves;
    if (!drag.moved) {
      return;
    }
    this.renderer.setOverlay({ pointer: null, hovered: -1 });
    switch (drag.kind) {
      case 'pan': {
        const d = ((drag.x - x) / size.width) * (drag.to - drag.from);
        viewport.drag(drag.from + d, drag.to + d);
        viewport.scroll(drag.top + drag.y - y, this.renderer.scrollLimit());
        this.canvas.style.cursor = 'grabbing';
        break;
      }
      case 'range': {
        const t = this.snapped(x, y);
        this.events().range([Math.min(drag.at, t), Math.max(drag.at, t)], false);
        break;
      }
      case 'zoom':
        this.renderer.setOverlay({ zoom: this.zoomed(drag.at, x) });
        break;
      case 'window': {
        const t = this.mapScale.time(x);
        viewport.drag(Math.min(drag.at, t), Math.max(drag.at, t));
        break;
      }
      case 'slide': {
        const d = (x - drag.x) * this.mapScale.pixel;
        viewport.drag(drag.from + d, drag.to + d);
        break;
      }
    }
  }

  private up(e: PointerEvent): void {
    const drag = this.drag;
    this.drag = null;
    if (!drag) {
      return;
    }
    const { viewport, head } = this.renderer;
    const at = this.listening.point(e);
    if (drag.moved) {
      if (drag.kind === 'range') {
        const t = this.snapped(at.x, at.y);
        this.events().range([Math.min(drag.at, t), Math.max(drag.at, t)], true);
      } else if (drag.kind === 'zoom') {
        this.renderer.setOverlay({ zoom: null });
        if (Math.abs(at.x - drag.x) >= LEAST_ZOOM) {
          viewport.show(...this.zoomed(drag.at, at.x));
        }
      }
      return;
    }
    if (this.doubleClick.isSecond(e)) {
      return; // the first one has selected what was meant
    }
    this.doubleClick.begin({ bar: drag.y < head.height ? -1 : this.targetAt(drag.x, drag.y).bar }, e);
    if (drag.y < head.minimap) {
      const middle = this.mapScale.time(drag.x);
      viewport.show(middle - viewport.span / 2, middle + viewport.span / 2);
      return;
    }
    if (this.onHint(drag.x, drag.y)) {
      viewport.showAll();
      return;
    }
    if (drag.y < head.height) {
      this.events().range(null, true);
      return;
    }
    const { bar, time } = this.targetAt(drag.x, drag.y);
    if (e.altKey && bar >= 0) {
      this.events().focusSubtree(bar, time);
    } else {
      this.events().select(bar, time);
    }
  }

  private zoomed(began: number, x: number): [number, number] {
    const { trace } = this.scene()!.analysis;
    const t = this.scale.time(x);
    return [Math.max(trace.from, Math.min(began, t)), Math.min(trace.to, Math.max(began, t))];
  }

  private wheel(e: WheelEvent): void {
    const { viewport, size } = this.renderer;
    const { x } = this.listening.point(e);
    const unit = e.deltaMode === 1 ? 18 : e.deltaMode === 2 ? size.height : 1;
    const [dx, dy] = [e.deltaX * unit, e.deltaY * unit];
    if (e.ctrlKey || e.metaKey) {
      e.preventDefault();
      viewport.zoom(Math.exp(dy * 0.002), this.scale.time(x), false);
    } else if (e.shiftKey || Math.abs(dx) > Math.abs(dy)) {
      e.preventDefault();
      viewport.pan((dx || dy) / size.width, false);
    } else if (viewport.scroll(viewport.top + dy, this.renderer.scrollLimit())) {
      e.preventDefault(); // at its end the page scrolls on
    }
  }
}
