// The one label of a call's network strands: how many, from where to where, the tunnel.
import { hopsOf, tunnelOf } from '../trace/calls';
import { Source } from '../trace/model';
import { roundRect, type Surface } from './surface';
import { textWidth } from './text';
import { FONT } from './theme';

const STRAND = 5; // a strand and the gap under it
const LEAST_HEIGHT = 12; // a label must leave something to be seen of the strands

export function drawStrandLabels(s: Surface, shown: ReadonlySet<number>): void {
  const { trace, calls } = s.scene.analysis;
  const layout = s.scene.layout;
  for (const call of shown) {
    const strands = hopsOf(calls, call).filter((i) => trace.source[i] === Source.Net && layout.y[i] >= 0);
    if (strands.length < 2) {
      continue;
    }
    const first = strands[0];
    const y = layout.y[first];
    if (y > s.top + s.size.height || y + strands.length * STRAND < s.top || (s.dim && s.dim[first])) {
      continue;
    }
    const last = strands[strands.length - 1];
    const x0 = Math.max(2, s.scale.x(trace.start[last]));
    const x1 = Math.min(s.size.width - 2, s.scale.x(trace.end[last]));
    const height = layout.y[last] + layout.height[last] - y;
    if (x1 - x0 > 44 && height >= LEAST_HEIGHT && layout.height[first] < 10) {
      drawPill(s, strands, x0, x1 - x0, y, height);
    }
  }
}

function drawPill(s: Surface, strands: Int32Array, x: number, width: number, y: number, height: number): void {
  const { ctx, scene } = s;
  const { node } = scene.analysis.trace.text;
  const [a, b] = [node[strands[0]], node[strands[strands.length - 1]]];
  const count = `N×${strands.length}`;
  const way = a !== b ? `${count}  ${a} → ${b}  ${tunnelOf(scene.analysis.trace, strands)}` : `${count}  inside ${a}`;
  ctx.font = `500 10px ${FONT}`;
  const text = textWidth(ctx, way.trimEnd()) <= width - 22 ? way.trimEnd() : count;
  const textWide = textWidth(ctx, text);
  if (textWide > width - 16) {
    return;
  }
  const h = Math.min(13, height);
  const top = y + (height - h) / 2;
  ctx.fillStyle = scene.palette.background;
  roundRect(ctx, x + 6, top, textWide + 12, h, h / 2);
  ctx.fill();
  ctx.fillStyle = scene.palette.text;
  ctx.textBaseline = 'middle';
  ctx.globalAlpha = 0.8;
  ctx.fillText(text, x + 12, top + h / 2 + 0.5);
  ctx.globalAlpha = 1;
}

