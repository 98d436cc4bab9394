// Between the two graphs: who held the time in each, joined by ribbons. A ribbon that grows
// wider downwards is time that this trace takes more; one that comes out of a point is of a
// span that only one of them has.
import { describeHold, ownerGroup } from '../trace/breakdown';
import { Layer } from '../trace/model';
import { ribbonAt, ribbonGain, type Ribbon } from '../trace/ribbons';
import type { ComparisonSurface } from './comparisonBars';
import { CAPTION, halfScale, RIBBONS, SPINE_HIGH } from './comparisonScene';
import { fade } from './colour';
import { Scale } from './scale';
import { eachHold, LABELLED, widthOf } from './spine';
import { fitText } from './text';
import { FONT } from './theme';

const OUTLINED = 3; // of thinner ribbons the outlines would be all there is

export function drawComparisonSpine(s: ComparisonSurface, side: 0 | 1): void {
  const { ctx, scene, size } = s;
  const half = scene.halves[side];
  const { trace, slices, holders } = half.analysis;
  const scale = halfScale(half, s.view, size);
  const y = s.places.spines[side] - s.view.top;
  ctx.textBaseline = 'middle';
  eachHold(holders, scale, size.width, (k, x0, x1) => {
    const span = holders.span[k];
    const slice = holders.slice[k];
    ctx.fillStyle = half.match[span] < 0 ? scene.tones.alone(ctx, side === 1) : scene.tones.self(half.gains[span]);
    ctx.fillRect(x0, y, widthOf(x0, x1), SPINE_HIGH);
    if (x1 - x0 > LABELLED) {
      const layer = slices.layer[slice] as Layer;
      const words = layer === Layer.Code ? ownerGroup(trace, slices, span, slice) : describeHold(slices, slice);
      ctx.font = `500 10.5px ${FONT}`;
      ctx.fillStyle = scene.palette.ink;
      ctx.fillText(fitText(ctx, words, x1 - x0 - 10), x0 + 5, y + SPINE_HIGH / 2 + 0.5);
    }
  });
}

export function drawCaption(s: ComparisonSurface, side: 0 | 1): void {
  const { ctx, scene, size } = s;
  const y = (side === 0 ? s.places.roots[0] : s.places.spines[1] + SPINE_HIGH) - s.view.top + CAPTION / 2;
  ctx.font = `600 11px ${FONT}`;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = scene.palette.text;
  ctx.fillText(fitText(ctx, scene.halves[side].caption, size.width - 20), 10, y + 0.5);
}

export function drawRibbons(s: ComparisonSurface): void {
  const { scene } = s;
  const scale = new Scale(s.view.from, s.view.to, s.size.width);
  const { ribbons } = scene;
  const shown: Ribbon[] = []; // a large trace has tens of thousands, and few that can be seen
  for (let k = 0; k < ribbons.length; k++) {
    const { a, b } = ribbons;
    const [from, to] = [Math.min(a[0][k], b[0][k]), Math.max(a[1][k], b[1][k])];
    const width = Math.max(a[1][k] - a[0][k], b[1][k] - b[0][k]);
    if (to >= s.view.from && from <= s.view.to && width >= scale.pixel / 2) {
      shown.push(ribbonAt(ribbons, k));
    }
  }
  // What differs comes last, over what does not.
  shown.filter((ribbon) => isAlike(s, ribbon)).forEach((ribbon) => drawRibbon(s, ribbon));
  shown.filter((ribbon) => !isAlike(s, ribbon)).forEach((ribbon) => drawRibbon(s, ribbon));
}

const isAlike = (s: ComparisonSurface, r: Ribbon): boolean => r.rows[0] >= 0 && r.rows[1] >= 0 && s.scene.tones.isAlike(ribbonGain(r));

/** The outline of a ribbon, and how wide it is; 0 where it is not on screen or too thin to be seen. */
export function ribbonPath(s: ComparisonSurface, r: Ribbon): number {
  const { ctx, size } = s;
  const scale = new Scale(s.view.from, s.view.to, size.width);
  const [a0, a1, b0, b1] = [scale.x(r.a[0]), scale.x(r.a[1]), scale.x(r.b[0]), scale.x(r.b[1])];
  if (Math.max(a1, b1) < 0 || Math.min(a0, b0) > size.width || (a1 - a0 < 0.5 && b1 - b0 < 0.5)) {
    return 0;
  }
  const top = s.places.spines[0] + SPINE_HIGH - s.view.top;
  const bottom = top + RIBBONS;
  const middle = (top + bottom) / 2;
  const gap = (w: number) => (w > 4 ? 0.75 : 0); // ribbons beside each other stay apart
  ctx.beginPath();
  ctx.moveTo(a0, top);
  ctx.bezierCurveTo(a0, middle, b0, middle, b0, bottom);
  ctx.lineTo(Math.max(b0, b1 - gap(b1 - b0)), bottom);
  ctx.bezierCurveTo(b1 - gap(b1 - b0), middle, a1 - gap(a1 - a0), middle, Math.max(a0, a1 - gap(a1 - a0)), top);
  ctx.closePath();
  return Math.max(a1 - a0, b1 - b0);
}

function drawRibbon(s: ComparisonSurface, r: Ribbon): void {
  const { ctx, scene } = s;
  const width = ribbonPath(s, r);
  if (width === 0) {
    return;
  }
  const gain = ribbonGain(r);
  if (isAlike(s, r)) {
    ctx.fillStyle = fade(scene.tones.alike.self, scene.palette.dark ? 0.22 : 0.28);
    ctx.fill();
    return;
  }
  const alone = r.rows[0] < 0 || r.rows[1] < 0;
  const line = scene.tones.line(gain);
  if (alone) {
    ctx.globalAlpha = 0.5;
    ctx.fillStyle = scene.tones.alone(ctx, gain > 0);
  } else {
    ctx.fillStyle = fade(line, 0.34);
  }
  ctx.fill();
  ctx.globalAlpha = 1;
  if (width > OUTLINED) {
    ctx.strokeStyle = line;
    ctx.lineWidth = 1;
    ctx.stroke();
  }
}
