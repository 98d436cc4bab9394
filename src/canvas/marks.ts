// Selection, its parent, and what the pointer is on. Nothing else is dimmed for them.
import type { SpanEvent } from '../trace/events';
import { barOf } from '../trace/layout';
import { Confidence } from '../trace/model';
import { roundRect, type Surface } from './surface';

export function drawMarks(s: Surface, selected: number, hovered: number): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  const bar = barOf(scene.layout, selected);
  const parent = selected >= 0 ? trace.parent[selected] : -1;
  if (parent >= 0) {
    const sure = trace.confidence[selected] === Confidence.Proven || trace.confidence[selected] === Confidence.Causal;
    ctx.setLineDash(sure ? [] : [4, 3]);
    ring(s, barOf(scene.layout, parent), scene.palette.focus, 1, 0.8);
    ctx.setLineDash([]);
  }
  if (hovered >= 0 && hovered !== bar) {
    ring(s, hovered, scene.palette.ink, 1.25, 1);
  }
  if (selected >= 0) {
    ring(s, bar, scene.palette.focus, 2, 1);
    if (bar >= scene.layout.spans) {
      within(s, selected, bar);
    }
  }
}

// Where in a bar of many the selected span is.
function within(s: Surface, span: number, bar: number): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  const { y, height } = scene.layout;
  const x0 = s.scale.x(trace.start[span]);
  ctx.fillStyle = scene.palette.focus;
  ctx.globalAlpha = 0.45;
  ctx.fillRect(x0, y[bar], Math.max(2, s.scale.x(trace.end[span]) - x0), height[bar]);
  ctx.globalAlpha = 1;
}

function ring(s: Surface, bar: number, colour: string, width: number, alpha: number): void {
  const { ctx, scene, size } = s;
  const { layout } = scene;
  if (bar < 0 || layout.y[bar] < 0) {
    return;
  }
  const y = layout.y[bar];
  const x0 = Math.max(-4, s.scale.x(layout.start[bar]));
  const x1 = Math.min(size.width + 4, s.scale.x(layout.end[bar]));
  if (x1 < -4 || x0 > size.width + 4) {
    return;
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.globalAlpha = alpha;
  roundRect(ctx, x0 - 1, y - 1, Math.max(3, x1 - x0) + 2, layout.height[bar] + 2, 3);
  ctx.stroke();
  ctx.globalAlpha = 1;
}

const DIAMOND = 4;

/** Moments that a span's code told of: diamonds on the upper edge of its bar. */
export function drawEvents(s: Surface, row: number, events: readonly SpanEvent[], chosen = -1): void {
  const { ctx, scene, size } = s;
  const y = scene.layout.y[row];
  if (y < 0) {
    return;
  }
  ctx.fillStyle = scene.palette.ink;
  ctx.strokeStyle = scene.palette.background;
  ctx.lineWidth = 1;
  let last = -Infinity;
  for (const { time } of events) {
    const x = s.scale.x(time);
    if (x < 0 || x > size.width || x - last < 2) {
      continue; // two in one place are one diamond
    }
    last = x;
    diamond(ctx, x, y, DIAMOND);
  }
  if (chosen >= 0 && chosen < events.length) {
    ctx.fillStyle = scene.palette.focus;
    diamond(ctx, s.scale.x(events[chosen].time), y, DIAMOND + 2);
  }
}

function diamond(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  ctx.beginPath();
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y + size);
  ctx.lineTo(x - size, y);
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
}
