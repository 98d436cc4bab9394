// Bars of many alike spans: an area that shows how many ran at each instant, full height
// for the most that ever ran at once, under a line of text. And the heading of a group that
// is open.
import type { Alike } from '../trace/alike';
import { firstFrom } from '../trace/bisect';
import { formatCount } from '../trace/format';
import { groupCount, groupFigures, groupLabels } from '../trace/grouplabel';
import { groupOf, Source, SOURCE_MARKS } from '../trace/model';
import { meanRunning } from '../trace/running';
import type { Hits } from '../trace/find/search';
import { mix } from './colour';
import type { Scale } from './scale';
import { roundRect, type Surface } from './surface';
import { fitText, textWidth } from './text';
import { FONT } from './theme';

const TEXT = 16; // height of the line of text
const WITH_TEXT = 20; // least height of a bar that has one
const LEAST_WIDTH = 60; // of a bar with text
const MARK = 3; // height of the mark where errors begin
const TICK = 4; // height of the tick of a hit
const OWN = 0.5; // share of own time from which the area is in full tone

export function drawGroup(s: Surface, bar: number, start: number, end: number, y: number): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  const { layout, palette } = scene;
  const alike = layout.alike!;
  const g = bar - layout.spans;
  const span = alike.members[alike.memberStart[g]];
  const h = layout.height[bar];
  const x0 = Math.max(-6, start);
  const x1 = Math.max(x0 + 2, Math.min(s.size.width + 6, end));
  const net = trace.source[span] === Source.Net;
  const name = groupOf(trace, span);
  const tone = scene.tones.of(name);
  const self = net ? scene.tones.strand(name).self : tone.self;
  const faint = s.dim?.[bar] ? 0.3 : 1;
  const text = h >= WITH_TEXT || alike.open[g] === 1;
  ctx.fillStyle = palette.background;
  ctx.fillRect(x0, y, x1 - x0, h);
  ctx.globalAlpha = faint;
  ctx.fillStyle = mix(self, palette.background, 0.82);
  roundRect(ctx, x0, y, x1 - x0, h, net ? 0 : 2);
  ctx.fill();
  if (!alike.open[g]) {
    ctx.fillStyle = alike.own[g] > alike.time[g] * OWN ? self : mix(self, palette.background, 0.4);
    const top = text ? TEXT : 0;
    fillRunning(ctx, alike, g, s.scale, { x0, x1, top: y + top, height: h - top });
  }
  if (trace.source[span] === Source.Sys) {
    ctx.strokeStyle = tone.self;
    ctx.lineWidth = 1;
    roundRect(ctx, x0 + 0.5, y + 0.5, x1 - x0 - 1, h - 1, 2);
    ctx.stroke();
  }
  if (text && x1 - x0 > LEAST_WIDTH) {
    drawText(s, g, span, Math.max(x0, 2), Math.min(x1, s.size.width - 2), y, faint);
  }
  ctx.globalAlpha = 1;
}

interface Area {
  x0: number;
  x1: number;
  top: number;
  height: number;
}

let means = new Float32Array(2048);

/** Fills the area of how many ran, a step of one pixel each. */
export function fillRunning(ctx: CanvasRenderingContext2D, a: Alike, g: number, scale: Scale, { x0, x1, top, height }: Area): void {
  const left = Math.floor(x0);
  const wide = Math.ceil(x1) - left;
  if (wide > means.length) {
    means = new Float32Array(wide * 2);
  }
  const out = means.subarray(0, wide);
  meanRunning(a, g, scale.time(left), scale.pixel, out);
  const bottom = top + height;
  const perSpan = height / a.peak[g];
  ctx.beginPath();
  for (let k = 0; k < wide; ) {
    if (out[k] < 0) {
      k++;
      continue;
    }
    ctx.moveTo(left + k, bottom);
    for (; k < wide && out[k] >= 0; k++) {
      const up = bottom - Math.max(1, Math.min(height, out[k] * perSpan)); // what ran is seen, however short
      ctx.lineTo(left + k, up);
      ctx.lineTo(left + k + 1, up);
    }
    ctx.lineTo(left + k, bottom);
  }
  ctx.fill();
}

function drawText(s: Surface, g: number, span: number, left: number, right: number, y: number, faint: number): void {
  const { ctx, scene } = s;
  const { trace } = scene.analysis;
  const alike = scene.layout.alike!;
  const middle = y + TEXT / 2 + 0.5;
  ctx.fillStyle = scene.palette.plate;
  roundRect(ctx, left + 4, y + 2, 13, 13, trace.source[span] === Source.App ? 6.5 : 2);
  ctx.fill();
  ctx.textBaseline = 'middle';
  ctx.fillStyle = scene.palette.ink;
  ctx.font = `600 9.5px ${FONT}`;
  ctx.textAlign = 'center';
  ctx.fillText(SOURCE_MARKS[trace.source[span]], left + 10.5, middle);
  ctx.textAlign = 'left';
  let x = left + 22;
  const end = right - 6;
  ctx.font = `600 11.5px ${FONT}`;
  const count = `${alike.open[g] ? '▾ ' : ''}×${formatCount(groupCount(alike, g))}`;
  if (x + textWidth(ctx, count) > end) {
    return;
  }
  ctx.fillText(count, x, middle);
  x += textWidth(ctx, count) + 6;
  const [label, sublabel] = groupLabels(trace, alike, g);
  const hits = scene.hits ? hitsOf(scene.hits, alike, trace.start)[g].length : 0;
  const figures = groupFigures(alike, g).map((f) => [hits > 0 ? `${formatCount(hits)} ${hits > 1 ? 'hits' : 'hit'}` : '', f].filter(Boolean).join('   '));
  ctx.font = `400 11px ${FONT}`;
  const labelRoom = Math.min(160, textWidth(ctx, label) + 12);
  const fitting = figures.find((f) => textWidth(ctx, f) + labelRoom <= end - x) ?? '';
  const used = fitting ? textWidth(ctx, fitting) + 14 : 0;
  if (fitting) {
    ctx.textAlign = 'right';
    ctx.fillText(fitting, end, middle);
    ctx.textAlign = 'left';
  }
  ctx.font = `500 11.5px ${FONT}`;
  const shown = fitText(ctx, label, end - x - used);
  ctx.fillText(shown, x, middle);
  x += textWidth(ctx, shown) + 8;
  ctx.font = `400 11px ${FONT}`;
  ctx.globalAlpha = faint * 0.85;
  const more = shown === label ? fitText(ctx, sublabel, end - x - used) : '';
  if (more.length > 3) {
    ctx.fillText(more, x, middle);
  }
  ctx.globalAlpha = faint;
}

/** Over the bars of many: where errors begin, below; what was found, above. A pixel gets one. */
export function drawGroupMarks(s: Surface): void {
  const { ctx, scene, scale, size } = s;
  const { layout, analysis } = scene;
  const { alike, spans } = layout;
  if (!alike || alike.count === 0) {
    return;
  }
  const { start, end } = analysis.trace;
  const last = new Float64Array(alike.count).fill(-Infinity);
  ctx.fillStyle = scene.palette.errorLine;
  for (const i of analysis.origins) {
    const g = alike.groupOf[i];
    const x = g >= 0 && !alike.open[g] ? Math.round(scale.x(start[i])) : -Infinity;
    if (x < 0 || x > size.width || x === last[g]) {
      continue;
    }
    last[g] = x;
    ctx.fillRect(x, layout.y[spans + g] + layout.height[spans + g] - MARK, Math.max(2, scale.x(end[i]) - x), MARK);
  }
  if (!scene.hits) {
    return;
  }
  ctx.fillStyle = scene.palette.hit;
  const found = hitsOf(scene.hits, alike, start);
  for (let g = 0; g < alike.count; g++) {
    const times = found[g];
    for (let k = firstFrom(times, scale.time(0), 0, times.length); !alike.open[g] && k < times.length; ) {
      const x = Math.round(scale.x(times[k]));
      if (x > size.width) {
        break;
      }
      ctx.fillRect(x - 1, layout.y[spans + g], 2, TICK);
      k = firstFrom(times, scale.time(x + 0.5), k + 1, times.length);
    }
  }
}

const foundBy = new WeakMap<Hits, { alike: Alike; times: Float64Array[] }>();

/** Starts of the hits in each group, sorted; the same for every repaint of a search. */
function hitsOf(hits: Hits, alike: Alike, start: Float64Array): Float64Array[] {
  const known = foundBy.get(hits);
  if (known?.alike === alike) {
    return known.times;
  }
  const lists = Array.from({ length: alike.count }, (): number[] => []);
  for (const i of hits.rows) {
    if (alike.groupOf[i] >= 0) {
      lists[alike.groupOf[i]].push(start[i]);
    }
  }
  const times = lists.map((list) => Float64Array.from(list).sort());
  foundBy.set(hits, { alike, times });
  return times;
}
