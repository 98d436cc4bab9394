// The bars: own time in full tone, waiting in dim tone, errors and doubts.
import { Confidence, isUnanswered, lasts, Layer, groupOf, Source } from '../trace/model';
import { ownerGroup } from '../trace/breakdown';
import { GHOST_HEIGHT } from '../trace/layout';
import { sliceAfter } from '../trace/slices';
import { eventsOf } from '../trace/events';
import { fade } from './colour';
import { drawLabel } from './barLabel';
import { drawGroup } from './groups';
import { BUSY, busyTime } from './ink';
import { drawEvents } from './marks';
import { visibleBars } from './rows';
import { line, roundRect, type Surface } from './surface';
import { textWidth } from './text';
import { FONT } from './theme';

/** The least height of a network bar that has room for text. */
const LABELLED = 10;
/** Width from which strands may have a label. */
const STRAND_LABEL = 40;
/** Width from which corners are round; clipping to them is dear. */
const ROUND = 20;

/** Draws bars from a width on; tells in `calls` whose strands are wide enough for a label. */
export function drawBars(s: Surface, least = 0, calls?: Set<number>): number {
  const { trace, calls: all } = s.scene.analysis;
  return visibleBars(
    s.scene.layout,
    s.scale,
    s.size.width,
    s.top - GHOST_HEIGHT,
    s.top + s.size.height,
    (i, x0, x1, y) => {
      if (i >= trace.length) {
        drawGroup(s, i, x0, x1, y);
        return;
      }
      drawBar(s, i, x0, x1, y);
      if (trace.source[i] === Source.Net && x1 - x0 > STRAND_LABEL && all.of[i] >= 0) {
        calls?.add(all.of[i]);
      }
    },
    0.8,
    least
  );
}

function drawBar(s: Surface, i: number, start: number, end: number, y: number): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  const x0 = Math.max(-6, start);
  const x1 = Math.max(x0 + 2, Math.min(s.size.width + 6, end));
  const h = scene.layout.height[i];
  const dim = s.dim !== null && s.dim[i] === 1;
  if (dim) {
    ctx.fillStyle = scene.palette.background;
    ctx.fillRect(x0, y, x1 - x0, h);
  }
  ctx.globalAlpha = dim ? 0.24 : 1;
  const narrow = x1 - x0 < 4;
  if (narrow) {
    drawSliver(s, i, x0, x1, y, h);
  } else {
    drawBody(s, i, x0, x1, y, h);
  }
  drawErrors(s, i, x0, x1, y, h);
  if (trace.events.length > 0 && trace.events[i] && !narrow && h > LABELLED) {
    drawEvents(s, i, eventsOf(trace, i));
  }
  drawDoubt(s, i, x0, x1, y, h);
  if ((isUnanswered(trace, i) || lasts(trace, i)) && end < s.size.width) {
    drawFade(s, i, x1, y, h);
  }
  ctx.globalAlpha = 1;
  const room = x1 - x0;
  if (room >= (dim ? 60 : 22) && !(trace.source[i] === Source.Net && h <= LABELLED)) {
    drawLabel(s, i, Math.max(x0, 2), Math.min(x1, s.size.width - 2), y, h, dim);
  }
  ctx.globalAlpha = 1;
}

// Too narrow for slices: one tone, full where the span itself took much of its time.
function drawSliver(s: Surface, i: number, x0: number, x1: number, y: number, h: number): void {
  const { trace, slices } = s.scene.analysis;
  const busy = busyTime(slices, i) > (trace.end[i] - trace.start[i]) * BUSY;
  const tone = trace.source[i] === Source.Net ? s.scene.tones.strand(groupOf(trace, i)) : s.scene.tones.of(groupOf(trace, i));
  s.ctx.fillStyle = busy ? tone.self : tone.wait;
  s.ctx.fillRect(x0, y, x1 - x0, h);
}

function drawBody(s: Surface, i: number, x0: number, x1: number, y: number, h: number): void {
  const { ctx, scene } = s;
  const { trace, slices } = scene.analysis;
  const source = trace.source[i];
  const tone = scene.tones.of(groupOf(trace, i));
  const strand = scene.tones.strand(groupOf(trace, i));
  const radius = x1 - x0 >= ROUND && h > 8 ? 2 : 0;
  ctx.fillStyle = source === Source.Net ? strand.wait : source === Source.Sys ? tone.shell : tone.wait;
  roundRect(ctx, x0, y, x1 - x0, h, radius);
  ctx.fill();
  const plain = source === Source.Net ? (h > LABELLED ? strand.row : strand.self) : tone.self;
  ctx.save();
  if (radius > 0) {
    ctx.clip();
  }
  for (let k = sliceAfter(slices, i, s.scale.time(x0)); k < slices.first[i + 1]; k++) {
    const a = Math.max(x0, s.scale.x(slices.from[k]));
    const b = Math.min(x1, s.scale.x(slices.to[k]));
    if (a >= x1) {
      break;
    }
    if (b - a < 0.6) {
      continue;
    }
    const layer = slices.layer[k] as Layer;
    const textured = layer === Layer.Kernel || layer === Layer.Unseen || layer === Layer.Waiting;
    ctx.fillStyle = textured ? s.fills.of(ctx, layer, ownerGroup(trace, slices, i, k)) : plain;
    ctx.fillRect(a, y, b - a, h);
  }
  ctx.restore();
  if (source !== Source.Net && tone.mark > 0 && x1 - x0 > 4 + 4 * tone.mark) {
    ctx.fillStyle = scene.palette.ink; // another name has this colour too
    for (let k = 0; k < tone.mark; k++) {
      ctx.fillRect(x0 + 4 * k, y, 2, h);
    }
  }
  if (source === Source.Sys) {
    ctx.strokeStyle = tone.self;
    ctx.lineWidth = 1;
    roundRect(ctx, x0 + 0.5, y + 0.5, x1 - x0 - 1, h - 1, radius);
    ctx.stroke();
  }
}

// Where an error starts it has a thick edge; where it is only passed on, a thin one.
function drawErrors(s: Surface, i: number, x0: number, x1: number, y: number, h: number): void {
  const { trace } = s.scene.analysis;
  if (!trace.error[i] || (h <= 8 && !trace.origin[i])) {
    return;
  }
  const thick = trace.origin[i] ? 3 : 1;
  s.ctx.fillStyle = s.scene.palette.errorLine;
  s.ctx.fillRect(x0, y + h - thick, Math.max(x1 - x0, trace.origin[i] ? 3 : 0), thick);
}

// Silence means proven: only doubt is drawn.
function drawDoubt(s: Surface, i: number, x0: number, x1: number, y: number, h: number): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  const doubt = scene.palette.doubt;
  if (trace.missing[i] > 0) {
    drawGhosts(s, i, x0, x1, y);
  }
  const confidence = trace.confidence[i];
  if (confidence !== Confidence.Inferred && confidence !== Confidence.None) {
    return;
  }
  ctx.strokeStyle = doubt;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([4, 3]);
  line(ctx, x0, y + 0.5, x1, y + 0.5);
  ctx.setLineDash([]);
  if (confidence === Confidence.None && h > 8) {
    ctx.fillStyle = scene.palette.background; // a torn edge
    ctx.beginPath();
    for (let k = 0; k < h; k += 5) {
      ctx.moveTo(x0 - 1, y + k);
      ctx.lineTo(x0 + 4, y + k + 2.5);
      ctx.lineTo(x0 - 1, y + k + 5);
    }
    ctx.fill();
  }
}

// An answer that nobody saw: the bar has no end to draw.
const FADE = 46;

function drawFade(s: Surface, i: number, x: number, y: number, h: number): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  const colour = trace.source[i] === Source.Net ? scene.tones.strand(groupOf(trace, i)).wait : scene.tones.of(groupOf(trace, i)).wait;
  const fill = ctx.createLinearGradient(x, 0, x + FADE, 0);
  fill.addColorStop(0, colour);
  fill.addColorStop(1, fade(colour, 0));
  ctx.fillStyle = fill;
  ctx.fillRect(x, y, FADE, h);
  if (h > LABELLED) {
    ctx.font = `400 10px ${FONT}`;
    ctx.textBaseline = 'middle';
    ctx.fillStyle = scene.palette.textWeak;
    ctx.fillText('answer not seen', x + FADE + 4, y + h / 2 + 0.5);
  }
}

function drawGhosts(s: Surface, i: number, x0: number, x1: number, y: number): void {
  const { ctx, scene } = s;
  const missing = scene.analysis.trace.missing[i];
  ctx.strokeStyle = scene.palette.doubt;
  ctx.lineWidth = 1;
  ctx.setLineDash([1.5, 2.5]);
  for (let k = 0; k < Math.min(3, missing); k++) {
    ctx.strokeRect(x0 + 0.5, y - GHOST_HEIGHT + 1.5 + k * 5, x1 - x0 - 1, 4);
  }
  ctx.setLineDash([]);
  const text = `${missing} ${missing > 1 ? 'hops' : 'hop'} not seen`;
  ctx.font = `500 10px ${FONT}`;
  const width = textWidth(ctx, text);
  if (x1 - x0 > width + 20) {
    const x = Math.max(x0, 2) + 6;
    ctx.fillStyle = scene.palette.background;
    ctx.fillRect(x, y - 15, width + 8, 13);
    ctx.fillStyle = scene.palette.doubt;
    ctx.textBaseline = 'middle';
    ctx.fillText(text, x + 4, y - 8);
  }
}
