// How long large traces take: node src/panel/dev/bench.mjs [spans ...]
// Reading and analysis of the frame, time to the first picture, repaint of the bars on
// every frame while zooming, and of the rest when only the pointer moves.
/* global console, process, window */
import { withPanel } from './browser.mjs';

const sizes = process.argv.slice(2).map(Number);
await withPanel(async (open) => {
  console.log('spans      read ms  analyse ms  layout ms  bars ms (median, worst)  bars drawn  pointer ms (median)');
  for (const size of sizes.length > 0 ? sizes : [100, 10_000, 100_000, 1_000_000]) {
    const { page, problems } = await open(`state=many&size=${size}`);
    await page.waitForFunction(() => window.throughline?.renderer.stats.frameMs > 0, null, { timeout: 120_000 });
    const m = await page.evaluate(async () => {
      const { renderer, layoutMs } = window.throughline;
      const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
      const [bars, pointer] = [[], []];
      const all = renderer.viewport.span;
      for (let k = 0; k < 40; k++) {
        renderer.viewport.show(all * 0.005 * k, all * (1 - 0.005 * k), false);
        renderer.paint();
        bars.push(renderer.stats.barsMs);
      }
      const drawn = renderer.stats.bars;
      for (let k = 0; k < 40; k++) {
        renderer.overlay = { ...renderer.overlay, pointer: { x: 20 * k, y: 300 } };
        renderer.paint();
        pointer.push(renderer.stats.frameMs);
      }
      return { ...window.timings, layout: layoutMs, bars: median(bars), worst: Math.max(...bars), drawn, pointer: median(pointer) };
    });
    const n = (v, width) => (v >= 100 ? Math.round(v).toString() : v.toFixed(1)).padStart(width);
    console.log(`${size.toLocaleString('en').padEnd(9)} ${n(m.read, 8)} ${n(m.analyse, 11)} ${n(m.layout, 10)} ${n(m.bars, 10)} ${n(m.worst, 12)} ${m.drawn.toLocaleString('en').padStart(11)} ${n(m.pointer, 12)}`);
    problems.forEach((p) => console.log(p));
    await page.close();
  }
});
