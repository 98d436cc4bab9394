// With "Critical" on, what each bar holds of the time is underlined.
import { firstEndingAfter } from '../trace/holder';
import type { Surface } from './surface';

export function drawCriticalPath(s: Surface): void {
  const { ctx, scene, scale, size } = s;
  const { holders } = scene.analysis;
  const { layout } = scene;
  const to = scale.time(size.width);
  const least = scale.pixel * 0.6;
  ctx.fillStyle = scene.palette.ink;
  for (let k = firstEndingAfter(holders, scale.time(0)); k < holders.length && holders.from[k] < to; k++) {
    if (holders.to[k] - holders.from[k] < least) {
      continue;
    }
    const i = holders.span[k];
    const [a, b] = [scale.x(holders.from[k]), scale.x(holders.to[k])];
    if (layout.y[i] >= 0) {
      ctx.fillRect(a, layout.y[i] + layout.height[i] - 2, b - a, 2);
    }
  }
}
