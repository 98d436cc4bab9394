// What is written on a bar.
import { formatTime } from '../trace/format';
import { labelOf, shortLabels, sublabelOf } from '../trace/label';
import { Confidence, groupOf, isAsynchronous, Layer, Source, SOURCE_MARKS } from '../trace/model';
import { sliceAfter } from '../trace/slices';
import { busyTime } from './ink';
import { roundRect, type Surface } from './surface';
import { fitLabel, fitText, textWidth } from './text';
import { FONT } from './theme';

/** Slices that a label looks at for room. */
const LOOKED_AT = 64;

/** Badge, name, what it belongs to and how long it took, as far as there is room. */
export function drawLabel(s: Surface, i: number, left: number, right: number, y: number, h: number, dim: boolean): void {
  const { ctx, scene } = s;
  const { trace, slices } = scene.analysis;
  const middle = y + h / 2 + 0.5;
  const faint = dim ? 0.3 : 1;
  // Text stays off striped slices at either end of the bar.
  let x = Math.round(left + 4); // between pixels letters would tremble while the view moves
  let end = Math.round(right);
  const from = sliceAfter(slices, i, s.scale.time(left));
  for (let k = from; k < slices.first[i + 1] && k < from + LOOKED_AT; k++) {
    if (slices.layer[k] !== Layer.Kernel && slices.layer[k] !== Layer.Unseen) {
      continue;
    }
    const [a, b] = [s.scale.x(slices.from[k]), s.scale.x(slices.to[k])];
    if (slices.from[k] === trace.start[i] && b - left > 14) {
      x = Math.round(b + 4);
    } else if (b - a > 6 && a > x + 30) {
      end = Math.min(end, Math.round(a));
    }
  }
  if (x > right - 22) {
    return;
  }
  ctx.textBaseline = 'middle';
  ctx.globalAlpha = faint;
  x = drawBadge(s, i, x, y, h) + 5;
  const app = trace.source[i] === Source.App;
  ctx.font = `${app ? '500' : '400'} ${h >= 17 ? 11.5 : 11}px ${FONT}`;
  if (isAsynchronous(trace, i)) {
    x = put(ctx, '↷ ', x, middle, scene.palette.ok); // nobody waits for it
  }
  if (trace.confidence[i] === Confidence.Inferred) {
    x = put(ctx, '≈ ', x, middle, scene.palette.doubt);
  }
  if (scene.collapsed.has(i)) {
    x = put(ctx, `▸${descendants(s, i)} `, x, middle, scene.palette.focus);
  }
  const calm = calmGround(s, i);
  const write = (text: string, at: number, wide: number) => {
    if (calm && text) {
      ctx.fillStyle = calm;
      ctx.fillRect(at - 2, y + 1, wide + 4, h - 2);
    }
    ctx.fillStyle = scene.palette.ink;
    ctx.fillText(text, at, middle);
  };
  const duration = formatTime(trace.end[i] - trace.start[i]);
  const durationWidth = textWidth(ctx, duration);
  const room = end - x - 5;
  const withDuration = room > durationWidth + 60;
  const textRoom = room - (withDuration ? durationWidth + 12 : 0);
  const label = labelOf(trace, i);
  const fitted = fitLabel(ctx, shortLabels(trace, i, label), textRoom);
  const shown = fitted.length < 6 && fitted.endsWith('…') ? '' : fitted;
  write(shown, x, textWidth(ctx, shown));
  const sublabel = sublabelOf(trace, i);
  if (sublabel && shown === label) {
    const used = textWidth(ctx, shown);
    ctx.globalAlpha = faint * 0.85;
    ctx.font = `400 ${h >= 17 ? 11 : 10.5}px ${FONT}`;
    const text = fitText(ctx, sublabel, textRoom - used - 16);
    if (text.length > 3) {
      write(text, x + used + 8, textWidth(ctx, text));
    }
    ctx.globalAlpha = faint;
  }
  if (withDuration) {
    ctx.font = `400 11px ${FONT}`;
    write(duration, end - 6 - durationWidth, durationWidth);
  }
}

// Dashes run through letters: of a bar that waited for a peer and nothing else they have a ground.
function calmGround(s: Surface, i: number): string | null {
  const { trace, slices } = s.scene.analysis;
  const leaf = trace.childStart[i + 1] === trace.childStart[i];
  return leaf && slices.own[i] > 0 && busyTime(slices, i) <= 0 ? s.scene.tones.of(groupOf(trace, i)).dashGround : null;
}

// The letter of the layer in a plate, round for code; an error's origin fills it.
function drawBadge(s: Surface, i: number, x: number, y: number, h: number): number {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  const size = Math.min(13, h - 3);
  const origin = trace.origin[i] === 1;
  ctx.fillStyle = origin ? scene.palette.error : scene.palette.plate;
  roundRect(ctx, x, y + (h - size) / 2, size, size, trace.source[i] === Source.App ? size / 2 : 2);
  ctx.fill();
  if (trace.error[i] && !origin) {
    ctx.strokeStyle = scene.palette.errorLine;
    ctx.lineWidth = 1.5;
    ctx.stroke();
  }
  ctx.fillStyle = origin ? '#ffffff' : scene.palette.ink;
  ctx.font = `600 ${Math.max(9, size - 3.5)}px ${FONT}`;
  ctx.textAlign = 'center';
  ctx.fillText(origin ? '!' : SOURCE_MARKS[trace.source[i]], x + size / 2, y + h / 2 + 0.5);
  ctx.textAlign = 'left';
  return x + size;
}

function put(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, colour: string): number {
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
  return x + textWidth(ctx, text);
}

function descendants(s: Surface, i: number): number {
  const { trace } = s.scene.analysis;
  let n = -1;
  const stack = [i];
  for (let j = stack.pop(); j !== undefined; j = stack.pop()) {
    n++;
    for (let k = trace.childStart[j]; k < trace.childStart[j + 1]; k++) {
      stack.push(trace.children[k]);
    }
  }
  return n;
}
