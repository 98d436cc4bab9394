// Mouse and wheel on a comparison: hover, click, double click, pan, zoom, scroll.
import type { ComparisonPainter } from './comparison';
import type { At } from './comparisonScene';
import { Listeners } from './listeners';
import { Scale } from './scale';

interface ComparisonEvents {
  hover(at: At | null, x: number, y: number): void;
  choose(at: At | null): void;
  zoom(at: At | null): void;
}

const CLICK = 3; // pixels the pointer may move in a click

export class ComparisonPointer {
  private readonly listening: Listeners;
  private drag: { x: number; y: number; from: number; to: number; top: number; moved: boolean } | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly painter: ComparisonPainter,
    private readonly events: ComparisonEvents
  ) {
    this.listening = new Listeners(canvas);
    const { on } = this.listening;
    on('pointermove', (e) => this.move(e));
    on('pointerdown', (e) => this.down(e));
    on('pointerup', (e) => this.up(e));
    on('pointercancel', () => (this.drag = null));
    on('pointerleave', () => this.leave());
    on('dblclick', (e) => this.events.zoom(this.at(e)));
    on('wheel', (e) => this.wheel(e));
  }

  dispose(): void {
    this.listening.dispose();
  }

  private at(e: MouseEvent): At | null {
    const { x, y } = this.listening.point(e);
    return this.painter.at(x, y);
  }

  private move(e: PointerEvent): void {
    const { x, y } = this.listening.point(e);
    const { viewport, size } = this.painter;
    const drag = this.drag;
    if (drag) {
      if (!drag.moved && (Math.abs(x - drag.x) > CLICK || Math.abs(y - drag.y) > CLICK)) {
        drag.moved = true;
        viewport.leave();
      }
      if (drag.moved) {
        const d = ((drag.x - x) / Math.max(1, size.width)) * (drag.to - drag.from);
        viewport.drag(drag.from + d, drag.to + d);
        viewport.scroll(drag.top + drag.y - y, this.painter.scrollLimit());
      }
      return;
    }
    const at = this.painter.at(x, y);
    this.canvas.style.cursor = at ? 'pointer' : 'grab';
    this.painter.hovered = at;
    this.painter.pointer = { x, y };
    this.painter.request();
    this.events.hover(at, x, y);
  }

  private down(e: PointerEvent): void {
    if (e.button !== 0) {
      return;
    }
    const { viewport } = this.painter;
    try {
      this.canvas.setPointerCapture(e.pointerId);
    } catch {
      // A synthetic event has no pointer to capture.
    }
    this.drag = { ...this.listening.point(e), from: viewport.from, to: viewport.to, top: viewport.top, moved: false };
    this.events.hover(null, 0, 0);
  }

  private up(e: PointerEvent): void {
    if (this.drag && !this.drag.moved) {
      this.events.choose(this.at(e));
    }
    this.drag = null;
  }

  private leave(): void {
    if (!this.drag) {
      this.painter.hovered = null;
      this.painter.pointer = null;
      this.painter.request();
      this.events.hover(null, 0, 0);
    }
  }

  private wheel(e: WheelEvent): void {
    const { viewport, size } = this.painter;
    const { x } = this.listening.point(e);
    const unit = e.deltaMode === 1 ? 18 : e.deltaMode === 2 ? size.height : 1;
    const [dx, dy] = [e.deltaX * unit, e.deltaY * unit];
    if (e.ctrlKey || e.metaKey) {
      e.preventDefault();
      viewport.zoom(Math.exp(dy * 0.002), new Scale(viewport.from, viewport.to, size.width).time(x), false);
    } else if (e.shiftKey || Math.abs(dx) > Math.abs(dy)) {
      e.preventDefault();
      viewport.pan((dx || dy) / size.width, false);
    } else if (viewport.scroll(viewport.top + dy, this.painter.scrollLimit())) {
      e.preventDefault(); // at its end the page scrolls on
    }
  }
}
