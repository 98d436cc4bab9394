// Bars of a comparison: grey where both traces are alike, own time in the colour of the
// difference, a sign and the difference itself in place of the duration.
import { formatTime, signedTime } from '../trace/format';
import { labelOf, shortLabels, sublabelOf } from '../trace/label';
import { Source } from '../trace/model';
import { sliceAfter } from '../trace/slices';
import { placesOf, topOf, halfScale, type ComparisonScene, type Places } from './comparisonScene';
import type { DifferenceTones } from './differenceTones';
import { visibleBars } from './rows';
import type { Scale, Size } from './scale';
import { roundRect } from './surface';
import { fitLabel, fitText, textWidth } from './text';
import { FONT } from './theme';
import type { Viewport } from './viewport';

const LABELLED = 11;
const LEAST_LABEL = 26;
const TOUCHING = 0.25; // pixels between two bars that nobody sees
const NARROWEST = 1.5; // pixels that every bar has; of those that share them the first stands for all

export interface ComparisonSurface {
  ctx: CanvasRenderingContext2D;
  scene: ComparisonScene;
  size: Size;
  view: Pick<Viewport, 'from' | 'to' | 'top'>;
  places: Places;
}

export const surfaceOf = (ctx: CanvasRenderingContext2D, scene: ComparisonScene, size: Size, view: ComparisonSurface['view']): ComparisonSurface => ({ ctx, scene, size, view, places: placesOf(scene, size) });

export function drawComparisonBars(s: ComparisonSurface, side: 0 | 1): void {
  const half = s.scene.halves[side];
  const scale = halfScale(half, s.view, s.size);
  // Layout pixels of the half that are on screen.
  const [y0, y1] = side === 0 ? [s.places.roots[0] - s.view.top - s.size.height, s.places.roots[0] - s.view.top] : [s.view.top - s.places.roots[1], s.view.top - s.places.roots[1] + s.size.height];
  const run = new Run(s.ctx);
  visibleBars(half.layout, scale, s.size.width, y0, y1, (i, x0, x1) => drawBar(s, run, side, scale, i, x0, x1), NARROWEST);
  run.flush();
}

type Style = CanvasRenderingContext2D['fillStyle'];

/** Narrow bars of one row and colour that touch: tens of thousands of spans are a few hundred rectangles. */
class Run {
  private style: Style = '';
  private x0 = 0;
  private x1 = 0;
  private y = 0;
  private h = 0;

  constructor(private readonly ctx: CanvasRenderingContext2D) {}

  add(style: Style, x0: number, x1: number, y: number, h: number): void {
    if (this.h === h && this.y === y && this.style === style && x0 >= this.x0 && x0 <= this.x1 + TOUCHING) {
      this.x1 = Math.max(this.x1, x1);
      return;
    }
    this.flush();
    [this.style, this.x0, this.x1, this.y, this.h] = [style, x0, x1, y, h];
  }

  flush(): void {
    if (this.h > 0) {
      this.ctx.fillStyle = this.style;
      this.ctx.fillRect(this.x0, this.y, this.x1 - this.x0, this.h);
      this.h = 0;
    }
  }
}

function drawBar(s: ComparisonSurface, run: Run, side: 0 | 1, scale: Scale, i: number, start: number, end: number): void {
  const { ctx, scene } = s;
  const half = scene.halves[side];
  const { trace, slices } = half.analysis;
  const { tones } = scene;
  const x0 = Math.max(-6, start);
  const x1 = Math.max(x0 + NARROWEST, Math.min(s.size.width + 6, end));
  const h = half.layout.height[i];
  const y = topOf(s.places, half, side, i) - s.view.top;
  const gain = half.gains[i];
  const alone = half.match[i] < 0;
  const radius = x1 - x0 > 20 && h > 8 ? 2 : 0;
  const own = () => (alone ? tones.alone(ctx, side === 1) : tones.self(gain));
  if (x1 - x0 < 3) {
    // There are tens of thousands of these: one rectangle, without a path.
    run.add(slices.own[i] > (trace.end[i] - trace.start[i]) * 0.4 ? own() : tones.alike.wait, x0, x1, y, h);
    return;
  }
  run.flush();
  ctx.fillStyle = tones.alike.wait;
  if (radius > 0) {
    roundRect(ctx, x0, y, x1 - x0, h, radius);
    ctx.fill();
  } else {
    ctx.fillRect(x0, y, x1 - x0, h);
  }
  ctx.fillStyle = own();
  for (let k = sliceAfter(slices, i, scale.time(x0)); k < slices.first[i + 1]; k++) {
    const a = Math.max(x0, scale.x(slices.from[k]));
    if (a >= x1) {
      break;
    }
    const b = Math.min(x1, scale.x(slices.to[k]));
    if (b - a >= 0.4) {
      ctx.fillRect(a, y, Math.max(1, b - a), h);
    }
  }
  if ((alone || trace.source[i] === Source.Sys) && h > 6) {
    ctx.strokeStyle = alone ? tones.line(side === 1 ? 1 : -1) : tones.alike.self;
    ctx.lineWidth = 1;
    ctx.setLineDash(alone ? [3, 2] : []);
    roundRect(ctx, x0 + 0.5, y + 0.5, x1 - x0 - 1, h - 1, radius);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  if (h >= LABELLED && x1 - x0 >= LEAST_LABEL) {
    drawLabel(s, side, i, Math.max(x0, 2), Math.min(x1, s.size.width - 2), y, h);
  }
}

/** More, less, only here: said by a sign as well as by colour. */
const signOf = (tones: DifferenceTones, gain: number, alone: boolean, side: 0 | 1): string => (alone ? (side === 1 ? '+' : '−') : tones.isAlike(gain) ? '' : gain > 0 ? '▲' : '▼');

function drawLabel(s: ComparisonSurface, side: 0 | 1, i: number, left: number, right: number, y: number, h: number): void {
  const { ctx, scene } = s;
  const half = scene.halves[side];
  const { trace } = half.analysis;
  const { tones, palette } = scene;
  const alone = half.match[i] < 0;
  const gain = half.gains[i];
  const sign = signOf(tones, gain, alone, side);
  const middle = y + h / 2 + 0.5;
  let x = left + 5;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = palette.ink;
  if (sign) {
    ctx.font = `600 ${Math.min(10, h - 4)}px ${FONT}`;
    ctx.fillText(sign, x, middle);
    x += textWidth(ctx, sign) + 4;
  }
  ctx.font = `${trace.source[i] === Source.App ? 500 : 400} ${Math.min(11.5, h - 3)}px ${FONT}`;
  if (half.collapsed[i] === 1 && right - x > 40) {
    ctx.fillStyle = palette.focus;
    ctx.fillText('▸', x, middle); // what is below it is alike
    ctx.fillStyle = palette.ink;
    x += textWidth(ctx, '▸') + 3;
  }
  const told = sign && !alone ? signedTime(gain) : formatTime(trace.end[i] - trace.start[i]);
  const toldWidth = textWidth(ctx, told);
  const room = right - x - 6;
  const withTold = room > toldWidth + 56;
  const textRoom = room - (withTold ? toldWidth + 12 : 0);
  const label = labelOf(trace, i);
  const fitted = fitLabel(ctx, shortLabels(trace, i, label), textRoom);
  const shown = fitted.length < 6 && fitted.endsWith('…') ? '' : fitted;
  ctx.fillText(shown, x, middle);
  const more = sublabelOf(trace, i);
  if (more && shown === label) {
    const used = textWidth(ctx, shown);
    const text = fitText(ctx, more, textRoom - used - 14);
    ctx.globalAlpha = 0.75;
    ctx.fillText(text.length > 3 ? text : '', x + used + 8, middle);
    ctx.globalAlpha = 1;
  }
  if (withTold) {
    ctx.font = `${sign ? 600 : 400} ${Math.min(11, h - 3)}px ${FONT}`;
    ctx.textAlign = 'right';
    ctx.fillText(told, right - 6, middle);
    ctx.textAlign = 'left';
  }
}
