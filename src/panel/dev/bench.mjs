// How long large traces take: node src/panel/dev/bench.mjs [spans ...]
// From the frame in memory to the first picture, the longest time the page could not
// answer on that way, and script + draw of every frame of a scripted zoom, pan and scroll,
// folded, as texture and as rows; then frames where only the pointer moves. The best of three each
// (of three pages, of three paintings of a frame), so that what else the machine does at
// that moment is not taken for the panel's.
/* global console, process, window, document, performance, requestAnimationFrame */
import { withPanel } from './browser.mjs';

const sizes = process.argv.slice(2).map(Number);
const n = (v, width) => (v >= 100 ? Math.round(v).toString() : v.toFixed(1)).padStart(width);

// Runs in the page: 120 frames, each painted by a change of the view.
async function script() {
  const { renderer } = window.throughline;
  const { viewport } = renderer;
  const all = viewport.span;
  const begin = viewport.from;
  const times = [];
  const frame = async (change) => {
    change();
    let best = Infinity;
    for (let k = 0; k < 3; k++) {
      renderer.forget();
      renderer.paint();
      best = Math.min(best, renderer.stats.frameMs);
    }
    times.push(best);
    await new Promise((done) => requestAnimationFrame(done));
  };
  for (let k = 0; k < 40; k++) {
    await frame(() => viewport.show(begin + all * 0.011 * k, begin + all * (1 - 0.011 * k), false));
  }
  for (let k = 0; k < 40; k++) {
    await frame(() => viewport.show(begin + all * (0.05 + 0.01 * k), begin + all * (0.45 + 0.01 * k), false));
  }
  for (let k = 0; k < 40; k++) {
    await frame(() => {
      viewport.show(begin, begin + all * 0.98 ** k, false);
      viewport.scroll(k * 20, renderer.scrollLimit());
    });
  }
  const pointer = [];
  for (let k = 0; k < 40; k++) {
    renderer.overlay = { ...renderer.overlay, pointer: { x: 20 * k, y: 300 } };
    renderer.paint();
    pointer.push(renderer.stats.frameMs);
  }
  viewport.showAll();
  times.sort((a, b) => a - b);
  pointer.sort((a, b) => a - b);
  return { median: times[60], p99: times[118], worst: times[119], pointer: pointer[20], bars: renderer.stats.bars };
}

await withPanel(async (open) => {
  // What a trace is not offered stays empty.
  const drawnAs = async (page, name) => {
    const button = page.getByRole('button', { name, exact: true });
    if ((await button.count()) === 0) {
      return undefined;
    }
    await button.click();
    await page.waitForFunction(() => document.querySelector('.tl-stage').getAttribute('aria-busy') === 'false', null, { timeout: 120_000 });
    await page.waitForTimeout(500);
    return page.evaluate(script);
  };
  const pair = (m) => (m ? `${n(m.median, 10)} ${n(m.p99, 6)}` : ' '.repeat(17));
  console.log('spans      first picture ms  page busy ms   alike ms  p99  texture ms  p99    rows ms  p99  pointer ms  heap MB');
  for (const size of sizes.length > 0 ? sizes : [100, 10_000, 100_000, 1_000_000]) {
    let page, problems;
    const first = { ms: Infinity, busy: Infinity, heap: Infinity };
    for (let k = 0; k < 3; k++) {
      await page?.close();
      ({ page, problems } = await open(`state=many&size=${size}`));
      await page.waitForFunction(() => window.throughline?.renderer.stats.firstAt > 0, null, { timeout: 120_000 });
      await page.waitForTimeout(300);
      const m = await page.evaluate(() => ({ ms: window.throughline.renderer.stats.firstAt - window.began, busy: window.longest, heap: (performance.memory?.usedJSHeapSize ?? 0) / 1e6 }));
      Object.keys(first).forEach((name) => (first[name] = Math.min(first[name], m[name])));
    }
    const alike = await drawnAs(page, 'Alike');
    const texture = await drawnAs(page, 'Texture');
    const rows = await drawnAs(page, 'Rows');
    console.log(
      `${size.toLocaleString('en').padEnd(9)} ${n(first.ms, 17)} ${n(first.busy, 13)} ${pair(alike)} ${pair(texture)} ${pair(rows)} ${n(rows.pointer, 10)} ${n(first.heap, 8)}`
    );
    problems.forEach((p) => console.log(p));
    await page.close();
  }
});
