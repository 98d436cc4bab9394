// The spine: a row that says, instant by instant, who holds the time.
import { describeHold, ownerGroup } from '../trace/breakdown';
import { firstEndingAfter, type Holders } from '../trace/holder';
import { Layer } from '../trace/model';
import type { Scale } from './scale';
import { matches } from './scene';
import type { Surface } from './surface';
import { fitText, textWidth } from './text';
import { FONT } from './theme';

/** Wider stretches say who holds them. */
export const LABELLED = 54;
const LEAST = 0.7; // px; of what is narrower only so much is drawn

/** Calls back for each stretch of the held time that is in view, with where it is drawn. */
export function eachHold(h: Holders, scale: Scale, width: number, draw: (segment: number, x0: number, x1: number) => void): void {
  const to = scale.time(width);
  let drawn = -1;
  for (let k = firstEndingAfter(h, scale.time(0)); k < h.length && h.from[k] < to; ) {
    const x0 = Math.max(0, scale.x(h.from[k]), drawn);
    const x1 = Math.min(width, scale.x(h.to[k]));
    if (x1 - drawn < LEAST) {
      k = Math.max(k + 1, firstEndingAfter(h, scale.time(drawn + LEAST)));
      continue;
    }
    draw(k, x0, x1);
    drawn = x1;
    k++;
  }
}

/** A line of the background between stretches, where they are wide enough for one. */
export const widthOf = (x0: number, x1: number): number => Math.max(1, x1 - x0 - (x1 - x0 > 3 ? 1 : 0));

export function drawSpine(s: Surface): void {
  const { ctx, scene, scale, size, head } = s;
  if (head.spine === 0) {
    return;
  }
  const { trace, holders, slices } = scene.analysis;
  eachHold(holders, scale, size.width, (k, x0, x1) => {
    const slice = holders.slice[k];
    const layer = slices.layer[slice] as Layer;
    const service = ownerGroup(trace, slices, holders.span[k], slice);
    const lit = !scene.highlight || matches(scene.analysis, holders.span[k], slice, scene.highlight);
    ctx.globalAlpha = lit && (!scene.onlyGroup || service === scene.onlyGroup) ? 1 : 0.25;
    ctx.fillStyle = s.fills.of(ctx, layer, service);
    ctx.fillRect(x0, head.spineTop, widthOf(x0, x1), head.spine);
    if (x1 - x0 > LABELLED) {
      const words = layer === Layer.Code ? service : describeHold(slices, slice);
      label(s, words, layer, x0, x1);
    }
    ctx.globalAlpha = 1;
  });
}

function label(s: Surface, words: string, layer: Layer, x0: number, x1: number): void {
  const { ctx, head } = s;
  const { palette } = s.scene;
  ctx.font = `500 10.5px ${FONT}`;
  ctx.textBaseline = 'middle';
  const text = fitText(ctx, words, x1 - x0 - 10);
  if (!text) {
    return;
  }
  if (layer === Layer.Kernel || layer === Layer.Unseen || layer === Layer.Waiting) {
    ctx.fillStyle = palette.background; // text needs a calm ground on stripes, dashes and dots
    ctx.fillRect(x0 + 3, head.spineTop + 1.5, textWidth(ctx, text) + 6, head.spine - 3);
    ctx.fillStyle = palette.text;
  } else {
    ctx.fillStyle = layer === Layer.Network ? palette.netInk : palette.ink;
  }
  ctx.fillText(text, x0 + 6, head.spineTop + head.spine / 2 + 0.5);
}
