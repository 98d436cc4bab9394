// The largest differences, written on their ribbons.
import { signedTime } from '../trace/format';
import { ribbonAt, ribbonGain } from '../trace/ribbons';
import type { ComparisonSurface } from './comparisonBars';
import { RIBBONS, SPINE_HIGH } from './comparisonScene';
import { Scale } from './scale';
import { roundRect } from './surface';
import { textWidth } from './text';
import { FONT } from './theme';

const MOST = 8;
const HEIGHT = 16;

export function drawComparisonCallouts(s: ComparisonSurface): void {
  const { ctx, scene, size } = s;
  const scale = new Scale(s.view.from, s.view.to, size.width);
  const y = s.places.spines[0] + SPINE_HIGH + RIBBONS * 0.62 - s.view.top;
  const taken: Array<[number, number]> = [];
  ctx.textBaseline = 'middle';
  ctx.font = `600 11.5px ${FONT}`;
  for (let k = scene.ribbons.length - 1; k >= Math.max(0, scene.ribbons.length - MOST); k--) {
    const ribbon = ribbonAt(scene.ribbons, k);
    const gain = ribbonGain(ribbon);
    const alone = ribbon.rows[0] < 0 || ribbon.rows[1] < 0;
    if (scene.tones.isAlike(gain)) {
      return;
    }
    const text = `${alone ? '' : gain > 0 ? '▲ ' : '▼ '}${signedTime(gain)}`;
    const width = textWidth(ctx, text) + 12;
    const [a, b] = [(ribbon.a[0] + ribbon.a[1]) / 2, (ribbon.b[0] + ribbon.b[1]) / 2];
    const middle = scale.x(a + (b - a) * 0.62);
    const left = Math.max(4, Math.min(size.width - width - 4, middle - width / 2));
    if (middle < -20 || middle > size.width + 20 || taken.some(([from, to]) => left < to + 4 && left + width > from - 4)) {
      continue;
    }
    taken.push([left, left + width]);
    ctx.fillStyle = scene.palette.background;
    ctx.strokeStyle = scene.tones.line(gain);
    ctx.lineWidth = 1;
    roundRect(ctx, left, y - HEIGHT / 2, width, HEIGHT, HEIGHT / 2);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = scene.tones.line(gain);
    ctx.fillText(text, left + 6, y + 0.5);
  }
}
