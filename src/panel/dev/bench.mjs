// How long large traces take: node src/panel/dev/bench.mjs [spans ...]
// From the frame in memory to the first picture, the longest time the page could not
// answer on that way, and script + draw of every frame of a scripted zoom, pan and scroll,
// folded, as texture and as rows; then frames where only the pointer moves. The best of three each
// (of three pages, of three paintings of a frame), so that what else the machine does at
// that moment is not taken for the panel's.
//
// Then, of each view and what is done in it at 100,000 spans, how long it took until the page
// was at rest and the longest task of its main thread meanwhile, by the clock (what the
// browser calls a long task, or a gap in which no message came through) and by the processor.
// --views alone prints only that, --worker none as a page does that may make no worker.
/* global console, window, document, performance, requestAnimationFrame */
import { parseArgs } from 'node:util';
import { withPanel } from './browser.mjs';
import { measure, settle, steps, watch } from './views.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { views: { type: 'boolean', default: false }, runs: { type: 'string', default: '3' }, worker: { type: 'string', default: '' }, only: { type: 'string', default: '' } },
});
const sizes = positionals.map(Number);
const VIEWS_AT = 100_000; // spans
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

async function drawing(open) {
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
}

/** The least of several runs: what else the machine did at that moment is not the panel's. */
async function views(open) {
  const size = sizes.at(-1) ?? VIEWS_AT;
  const least = new Map();
  for (let run = 0; run < Number(options.runs); run++) {
    const { page, problems } = await open(`state=many&size=${size}&held${options.worker ? `&worker=${options.worker}` : ''}`, { before: watch });
    const put = async (name, work) => {
      const m = await measure(page, work);
      const known = least.get(name);
      least.set(name, known ? { took: Math.min(known.took, m.took), wall: Math.min(known.wall, m.wall), cpu: Math.min(known.cpu, m.cpu) } : m);
    };
    await put('from the frame to the first picture', async () => {
      await page.evaluate(() => window.begin());
      await page.waitForFunction(() => window.throughline?.renderer.stats.firstAt > 0, null, { timeout: 120_000 });
    });
    for (const [name, before, work] of steps) {
      if (options.only && !name.includes(options.only)) {
        continue;
      }
      try {
        await before(page);
        await settle(page);
        await put(name, () => work(page));
      } catch (e) {
        problems.push(`${name}: ${e.message.split('\n')[0]}`);
      }
    }
    problems.forEach((p) => console.log(p));
    await page.close();
  }
  console.log(`\nwhat is done with ${size.toLocaleString('en')} spans   at rest after ms   longest task ms   of the processor ms`);
  for (const [name, { took, wall, cpu }] of least) {
    console.log(`${name.padEnd(38)} ${n(took, 17)} ${n(wall, 17)} ${n(cpu, 21)}`);
  }
}

await withPanel(async (open) => {
  if (!options.views) {
    await drawing(open);
  }
  await views(open);
});
