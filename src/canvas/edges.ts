// Where the request ends and the trace does not: a line where it was answered, and at the
// edges of the view how much of the trace lies beyond them.
import { answerOf, type Answer } from '../trace/answer';
import { formatTime } from '../trace/format';
import type { Trace } from '../trace/model';
import type { Head, Size } from './scale';
import type { Scene } from './scene';
import { line, roundRect, type Surface } from './surface';
import { textWidth } from './text';
import { FONT } from './theme';

const SIDE = 4; // pixels between a hint and the edge

type Range = Readonly<Record<'from' | 'to', number>>;

const known = new WeakMap<Trace, Answer>();

function answer({ analysis: { trace } }: Pick<Scene, 'analysis'>): Answer {
  let found = known.get(trace);
  if (!found) {
    known.set(trace, (found = answerOf(trace)));
  }
  return found;
}

/** Behind the bars: a line, and what runs after the answer lies on another ground. */
export function drawAnswer(s: Surface): void {
  const { ctx, scale, size, head } = s;
  const { palette } = s.scene;
  const { to, after } = answer(s.scene);
  const x = Math.round(scale.x(to)) + 0.5;
  if (after === 0 || x > size.width) {
    return;
  }
  ctx.fillStyle = palette.sunken;
  ctx.fillRect(Math.max(0, x), head.height, size.width - Math.max(0, x), size.height - head.height);
  if (x < 0) {
    return;
  }
  ctx.strokeStyle = palette.ok;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([6, 3]);
  line(ctx, x, head.axisTop, x, size.height);
  ctx.setLineDash([]);
}

interface Hint {
  text: string;
  side: 'left' | 'right';
}

// Said while the request's own edge is in view: from there on it is the way to the rest.
function hintsOf(scene: Scene, view: Range): Hint[] {
  const { trace } = scene.analysis;
  const { from, to, before, after } = answer(scene);
  const hints: Hint[] = [];
  if (before > 0 && view.from <= from && view.from > trace.from) {
    hints.push({ side: 'left', text: `‹ ${formatTime(before)} before` });
  }
  if (after > 0 && view.to >= to && view.to < trace.to) {
    hints.push({ side: 'right', text: `answer, ${formatTime(after)} more ›` });
  }
  return hints;
}

/** On the axis: what the line is, and what lies beyond the edges. */
export function drawHints(s: Surface, view: Range): void {
  const { ctx, scale, size, head } = s;
  const { to, after } = answer(s.scene);
  if (head.axis === 0) {
    return;
  }
  const hints = hintsOf(s.scene, view);
  hints.forEach(({ text, side }) => pill(s, text, side === 'left' ? 0 : size.width, false));
  const x = scale.x(to);
  if (after > 0 && x >= 0 && x <= size.width && !hints.some(({ side }) => side === 'right')) {
    pill(s, 'answer', x, true);
  }
  ctx.textAlign = 'left';
}

function pill({ ctx, size, head, scene: { palette } }: Surface, text: string, middle: number, filled: boolean): void {
  ctx.font = `${filled ? 600 : 500} 11px ${FONT}`;
  const wide = textWidth(ctx, text) + 14;
  const left = Math.max(SIDE, Math.min(size.width - SIDE - wide, middle - wide / 2));
  const [top, high] = [head.axisTop + 1.5, head.axis - 3];
  ctx.fillStyle = filled ? palette.ok : palette.raised;
  ctx.strokeStyle = palette.ok;
  ctx.lineWidth = 1;
  roundRect(ctx, left + 0.5, top, wide - 1, high, high / 2);
  ctx.fill();
  ctx.stroke();
  ctx.fillStyle = filled ? (palette.dark ? palette.sunken : '#ffffff') : palette.text;
  ctx.textBaseline = 'middle';
  ctx.fillText(text, left + 7, top + high / 2 + 0.5);
}

const REACH = 130; // pixels that a hint may be wide

/** Whether a point of the canvas is on a hint. */
export function hintAt(scene: Scene, view: Range, size: Size, head: Head, x: number, y: number): boolean {
  return y >= head.axisTop && y < head.axisTop + head.axis && hintsOf(scene, view).some(({ side }) => (side === 'left' ? x < REACH : x > size.width - REACH));
}
