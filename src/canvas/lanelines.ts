// Lines from a parent down to a child that a lane moved away from it, and the head of the
// section of spans without a parent.
import { spanOf, type Layout } from '../trace/layout';
import { groupOf, isAsynchronous, isOrphan, Source } from '../trace/model';
import { PAD } from './scale';
import { line, type Surface } from './surface';
import { FONT } from './theme';

const movedOf = new WeakMap<Layout, Int32Array>();

// Bars that lie away from their parent; the same for every repaint of a layout.
function moved(l: Layout): Int32Array {
  let rows = movedOf.get(l);
  if (!rows) {
    movedOf.set(l, (rows = l.order.filter((i) => l.shownParent[i] >= 0 && l.lane[i] > 0)));
  }
  return rows;
}

export function drawLaneLines(s: Surface): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  const l = scene.layout;
  ctx.lineWidth = 1;
  let last = -1; // place and parent of the line before: many children in a pixel are one line
  for (const i of moved(l)) {
    const p = l.shownParent[i];
    if (l.y[p] > s.top + s.size.height || l.y[i] < s.top) {
      continue;
    }
    const x = Math.round(s.scale.x(l.start[i])) + 0.5;
    const place = x * l.start.length + p;
    if (x < 0 || x > s.size.width || place === last) {
      continue;
    }
    last = place;
    const span = spanOf(l, i);
    ctx.strokeStyle = trace.source[span] === Source.Net ? scene.tones.strand(groupOf(trace, span)).self : scene.tones.of(groupOf(trace, span)).self;
    ctx.setLineDash(isAsynchronous(trace, span) ? [2, 3] : []);
    line(ctx, x, l.y[p] + l.height[p], x, l.y[i] + 2);
  }
  ctx.setLineDash([]);
}

export function drawOrphansHead(s: Surface): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  if (scene.layout.orphansY < 0) {
    return;
  }
  const n = trace.roots.reduce((count, r) => count + (isOrphan(trace, r) ? 1 : 0), 0);
  ctx.font = `500 11px ${FONT}`;
  ctx.fillStyle = scene.palette.doubt;
  ctx.textBaseline = 'middle';
  ctx.fillText(`⌁ No parent found: ${n} ${n > 1 ? 'subtrees' : 'subtree'}, placed by time only`, PAD, scene.layout.orphansY + 9);
}
