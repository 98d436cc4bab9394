// The space under a long own slice is always free: it says how long, what it was, and why.
import { formatTime } from '../trace/format';
import { describeHold, ownerGroup } from '../trace/breakdown';
import { firstEndingAfter } from '../trace/holder';
import { Layer } from '../trace/model';
import { isUnusual, usualOwn } from '../trace/usual';
import { anchorOf, freeBelow } from './anchor';
import { fade } from './colour';
import { PAD } from './scale';
import { matches } from './scene';
import { line, type Surface } from './surface';
import { fitText, textWidth } from './text';
import { FONT } from './theme';

const LEAST_WIDTH = 62;
const LEAST_SHARE = 0.012;

/** Height of a callout, for the hit test too. */
export const calloutHeight = (layer: Layer): number => (layer === Layer.Code ? 26 : 44);

export function drawCallouts(s: Surface): void {
  const { scene, scale, size } = s;
  const { trace, holders, slices } = scene.analysis;
  const view = scale.time(size.width) - scale.time(0);
  const to = scale.time(size.width);
  for (let k = firstEndingAfter(holders, scale.time(0)); k < holders.length && holders.from[k] < to; k++) {
    if (holders.to[k] - holders.from[k] < view * LEAST_SHARE) {
      continue;
    }
    const i = holders.span[k];
    const anchor = anchorOf(trace, scene.layout, i);
    const x0 = Math.max(PAD, scale.x(holders.from[k]));
    const x1 = Math.min(size.width - PAD, scale.x(holders.to[k]));
    if (x1 - x0 < LEAST_WIDTH || anchor < 0 || !freeBelow(scene.layout, anchor, holders.from[k], holders.to[k]) || (s.dim && s.dim[i])) {
      continue;
    }
    const slice = holders.slice[k];
    const layer = slices.layer[slice] as Layer;
    const leaf = trace.childStart[i + 1] === trace.childStart[i];
    if ((layer === Layer.Code && leaf) || (scene.highlight && !matches(scene.analysis, i, slice, scene.highlight))) {
      continue; // a leaf's bar says it all
    }
    drawCallout(s, i, anchor, slice, layer, x0, x1, holders.to[k] - holders.from[k]);
  }
}

function drawCallout(s: Surface, i: number, anchor: number, slice: number, layer: Layer, x0: number, x1: number, time: number): void {
  const { ctx, scene } = s;
  const { trace, slices } = scene.analysis;
  const { palette } = scene;
  const y = scene.layout.y[anchor] + scene.layout.height[anchor] + 1;
  const h = calloutHeight(layer);
  const service = ownerGroup(trace, slices, i, slice);
  const base = layer === Layer.Network ? palette.net.self : layer === Layer.Unseen ? palette.doubt : scene.tones.of(service).self;
  const ground = ctx.createLinearGradient(0, y, 0, y + h);
  ground.addColorStop(0, fade(base, palette.dark ? 0.35 : 0.32));
  ground.addColorStop(1, fade(base, 0));
  ctx.fillStyle = ground;
  ctx.fillRect(x0, y, x1 - x0, h);
  ctx.strokeStyle = base;
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = 1;
  line(ctx, x0 + 0.5, y, x0 + 0.5, y + h * 0.7);
  line(ctx, x1 - 0.5, y, x1 - 0.5, y + h * 0.7);
  ctx.globalAlpha = 1;
  ctx.textBaseline = 'middle';
  ctx.font = `600 12px ${FONT}`;
  const text = formatTime(time);
  const width = textWidth(ctx, text);
  if (width + 12 > x1 - x0) {
    return;
  }
  ctx.fillStyle = palette.text;
  ctx.fillText(text, x0 + 7, y + 13);
  ctx.font = `400 11px ${FONT}`;
  ctx.fillStyle = palette.textWeak;
  const usual = usualOwn(trace, i);
  const said = usual > 0 && isUnusual(time, usual) ? `usually ${formatTime(usual)}, ` : '';
  const what = said + describeHold(slices, slice);
  const words = layer === Layer.Code ? what.replace(/code of \S+ ?/, '') || 'code' : what; // whose it is, the bar says
  const room = x1 - x0 - width - 20;
  const fitted = fitText(ctx, words, room);
  if (fitted === words || h < 40 || x1 - x0 < 110) {
    ctx.fillText(fitted, x0 + 13 + width, y + 13);
  } else {
    ctx.fillText(fitText(ctx, words, x1 - x0 - 14), x0 + 7, y + 29);
  }
}
