// Grid, axis and the cursor's time.
import { formatTime } from '../trace/format';
import { axisStep, formatAxis } from '../trace/ticks';
import { PAD } from './scale';
import { line, roundRect, type Surface } from './surface';
import { textWidth } from './text';
import { FONT } from './theme';

const CAPTION = 'who holds the time ↴';
const CAPTION_FROM = 700; // width below which the caption is left out

export function drawGrid(s: Surface): void {
  const { ctx, scale, size } = s;
  ctx.strokeStyle = s.scene.palette.border;
  ctx.lineWidth = 1;
  forMarks(s, (time) => {
    const x = Math.round(scale.x(time)) + 0.5;
    line(ctx, x, s.head.height, x, size.height);
  });
}

export function drawAxis(s: Surface): void {
  const { ctx, scale, size, head } = s;
  if (head.axis === 0) {
    return;
  }
  const caption = size.width > CAPTION_FROM && head.spine > 0;
  ctx.font = `11px ${FONT}`;
  ctx.fillStyle = s.scene.palette.textWeak;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'center';
  const y = head.axisTop + head.axis / 2;
  forMarks(s, (time, step) => {
    const text = time === 0 ? '0' : formatAxis(time, step);
    const half = textWidth(ctx, text) / 2;
    const x = scale.x(time);
    if (!caption || x + half < size.width - 150) {
      ctx.fillText(text, Math.max(PAD + half, Math.min(size.width - PAD - half, x)), y);
    }
  });
  if (caption) {
    ctx.textAlign = 'right';
    ctx.font = `10.5px ${FONT}`;
    ctx.fillText(CAPTION, size.width - PAD, y);
  }
  ctx.textAlign = 'left';
}

function forMarks(s: Surface, mark: (time: number, step: number) => void): void {
  const [from, to] = [s.scale.time(PAD), s.scale.time(s.size.width - PAD)];
  const step = axisStep(to - from, Math.max(3, s.size.width / 130));
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step / 9; k++) {
    mark(k * step, step);
  }
}

export function drawCursor(s: Surface, x: number, y: number): void {
  const { ctx, size, scale } = s;
  const { palette } = s.scene;
  const at = Math.round(x) + 0.5;
  ctx.strokeStyle = palette.textWeak;
  ctx.setLineDash([2, 3]);
  line(ctx, at, s.head.spineTop - 2, at, size.height);
  if (y > s.head.height) {
    ctx.globalAlpha = 0.35; // bars are read along it
    line(ctx, 0, Math.round(y) + 0.5, size.width, Math.round(y) + 0.5);
    ctx.globalAlpha = 1;
  }
  ctx.setLineDash([]);
  tag(s, formatAxis(scale.time(x), scale.pixel * 4), at, palette.ink, palette.dark ? palette.sunken : '#ffffff', 'middle');
}

/** A marked range, or one that is about to be zoomed to: tinted, with its length on the axis. */
export function drawRange(s: Surface, from: number, to: number, verb = ''): void {
  const { ctx, size, scale, head } = s;
  const { palette } = s.scene;
  const [a, b] = [scale.x(from), scale.x(to)];
  ctx.fillStyle = palette.focus;
  ctx.globalAlpha = 0.13;
  ctx.fillRect(a, head.axisTop, b - a, size.height);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = palette.focus;
  ctx.lineWidth = 1;
  line(ctx, a + 0.5, head.axisTop, a + 0.5, size.height);
  line(ctx, b + 0.5, head.axisTop, b + 0.5, size.height);
  tag(s, `${verb || 'Δ'} ${formatTime(to - from)}`, a + 4, palette.focus, palette.dark ? palette.sunken : '#ffffff', 'left');
}

function tag(s: Surface, text: string, x: number, ground: string, ink: string, align: 'left' | 'middle'): void {
  const { ctx, size, head } = s;
  if (head.axis === 0) {
    return;
  }
  ctx.font = `500 11px ${FONT}`;
  const width = textWidth(ctx, text) + 12;
  const left = Math.max(0, Math.min(size.width - width, align === 'left' ? x : x - width / 2));
  ctx.fillStyle = ground;
  roundRect(ctx, left, head.axisTop + 2, width, head.axis - 4, 3);
  ctx.fill();
  ctx.fillStyle = ink;
  ctx.textBaseline = 'middle';
  ctx.fillText(text, left + 6, head.axisTop + head.axis / 2 + 0.5);
}
