// Mouse and wheel on the canvas: hover, click, double click, pan, mark a range, minimap.
// It knows nothing of React: what was meant is told by callbacks.
import { HEAD, MINIMAP, Scale, viewScale, AXIS_TOP } from './scale';
import { barAt, calloutAt, eventAt } from './hit';
import { shownEvents } from '../trace/events';
import { holderAt } from '../trace/holder';
import type { Renderer } from './renderer';
import type { Scene } from './scene';

export interface Target {
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
}

type Drag =
  | { kind: 'pan'; x: number; y: number; from: number; to: number; top: number; moved: boolean }
  | { kind: 'range'; x: number; y: number; at: number; moved: boolean }
  | { kind: 'window'; x: number; y: number; at: number; moved: boolean }
  | { kind: 'slide'; x: number; y: number; from: number; to: number; moved: boolean };

const SNAP = 6; // pixels from which the ruler takes a bar's edge
const CLICK = 3; // pixels the pointer may move in a click

export class Pointer {
  private drag: Drag | null = null;
  private readonly off: Array<() => void> = [];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly renderer: Renderer,
    private readonly scene: () => Scene | null,
    private readonly events: () => PointerEvents
  ) {
    this.on('pointermove', (e) => this.move(e));
    this.on('pointerdown', (e) => this.down(e));
    this.on('pointerup', (e) => this.up(e));
    this.on('pointercancel', () => (this.drag = null));
    this.on('pointerleave', () => this.leave());
    this.on('dblclick', (e) => this.double(e));
    // React listens to the wheel passively and could not keep the page from scrolling.
    this.on('wheel', (e) => this.wheel(e), { passive: false });
  }

  dispose(): void {
    this.off.forEach((off) => off());
  }

  private on<K extends keyof HTMLElementEventMap>(type: K, listener: (e: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions) {
    this.canvas.addEventListener(type, listener, options);
    this.off.push(() => this.canvas.removeEventListener(type, listener, options));
  }

  private point(e: MouseEvent): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
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
    if (!scene || y < AXIS_TOP) {
      return target;
    }
    if (y < HEAD) {
      return { ...target, segment: holderAt(scene.analysis.holders, this.scale.time(x)) };
    }
    const inBars = y - HEAD + this.renderer.viewport.top;
    const bar = barAt(scene.layout, this.scale, x, inBars);
    const segment = bar < 0 && !scene.texture ? calloutAt(scene.analysis, scene.layout, this.scale, x, inBars) : -1;
    const { trace } = scene.analysis;
    const events = bar >= 0 && bar < scene.layout.spans ? shownEvents(trace, bar, this.renderer.overlay.events) : [];
    return { ...target, bar, segment, event: eventAt(scene.layout, bar, events, this.scale, x, inBars) };
  }

  private move(e: PointerEvent): void {
    const { x, y } = this.point(e);
    if (this.drag) {
      this.dragTo(x, y);
      return;
    }
    const target = this.targetAt(x, y);
    this.canvas.style.cursor = target.bar >= 0 ? 'pointer' : y < MINIMAP ? 'col-resize' : y < HEAD ? 'crosshair' : 'grab';
    this.renderer.setOverlay({ pointer: { x, y }, hovered: target.bar });
    this.events().hover(target.bar >= 0 || target.segment >= 0 ? target : null);
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
    const { x, y } = this.point(e);
    const { viewport } = this.renderer;
    try {
      this.canvas.setPointerCapture(e.pointerId);
    } catch {
      // A synthetic event has no pointer to capture.
    }
    this.events().hover(null);
    if (y < MINIMAP) {
      const inside = !viewport.whole && x > this.mapScale.x(viewport.from) && x < this.mapScale.x(viewport.to);
      this.drag = inside ? { kind: 'slide', x, y, from: viewport.from, to: viewport.to, moved: false } : { kind: 'window', x, y, at: this.mapScale.time(x), moved: false };
    } else if (e.shiftKey || y < HEAD) {
      this.drag = { kind: 'range', x, y, at: this.snapped(x, y), moved: false };
    } else {
      this.drag = { kind: 'pan', x, y, from: viewport.from, to: viewport.to, top: viewport.top, moved: false };
    }
  }

  private dragTo(x: number, y: number): void {
    const drag = this.drag!;
    drag.moved ||= Math.abs(x - drag.x) > CLICK || Math.abs(y - drag.y) > CLICK;
    if (!drag.moved) {
      return;
    }
    this.renderer.setOverlay({ pointer: null, hovered: -1 });
    const { viewport, size } = this.renderer;
    switch (drag.kind) {
      case 'pan': {
        const d = ((drag.x - x) / size.width) * (drag.to - drag.from);
        viewport.show(drag.from + d, drag.to + d, false);
        viewport.scroll(drag.top + drag.y - y, this.renderer.scrollLimit());
        this.canvas.style.cursor = 'grabbing';
        break;
      }
      case 'range': {
        const t = this.snapped(x, y);
        this.events().range([Math.min(drag.at, t), Math.max(drag.at, t)], false);
        break;
      }
      case 'window': {
        const t = this.mapScale.time(x);
        viewport.show(Math.min(drag.at, t), Math.max(drag.at, t), false);
        break;
      }
      case 'slide': {
        const d = (x - drag.x) * this.mapScale.pixel;
        viewport.show(drag.from + d, drag.to + d, false);
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
    if (drag.moved) {
      if (drag.kind === 'range') {
        const at = this.point(e);
        const t = this.snapped(at.x, at.y);
        this.events().range([Math.min(drag.at, t), Math.max(drag.at, t)], true);
      }
      return;
    }
    if (drag.y < HEAD) {
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

  private double(e: MouseEvent): void {
    const { x, y } = this.point(e);
    if (y < HEAD) {
      this.renderer.viewport.showAll();
      return;
    }
    const { bar } = this.targetAt(x, y);
    if (bar >= 0) {
      this.events().open(bar);
    } else {
      this.renderer.viewport.showAll();
    }
  }

  private wheel(e: WheelEvent): void {
    const { viewport, size } = this.renderer;
    const { x } = this.point(e);
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
