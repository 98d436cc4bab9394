// What a user does with a large trace, view by view, and how long the page could not answer
// meanwhile: used by bench.mjs.
/* global window, document, performance, PerformanceObserver, MessageChannel, requestAnimationFrame */
const tab = (name) => (page) => page.getByRole('tab', { name, exact: true }).click();
const key = (...keys) => async (page) => {
  await page.locator('canvas').first().focus();
  for (const one of keys) {
    await page.keyboard.press(one);
  }
};
const button = (name) => (page) => page.getByRole('button', { name, exact: true }).click({ timeout: 5000 });
const inMenu = (menu, name) => async (page) => {
  await button(`${menu} ▾`)(page);
  await page.getByRole('button', { name }).click();
};
const graph = tab('Flame');
const settled = async () => {}; // as the step before left it

/** Name, what is done before without being measured, what is measured. */
export const steps = [
  ['waterfall', graph, tab('Waterfall')],
  ['waterfall, scrolled', tab('Waterfall'), (page) => page.locator('.tl-scroll').evaluate((box) => box.scrollTo(0, box.scrollHeight / 2))],
  ['services', graph, tab('Services')],
  ['hop path', graph, tab('Hop path')],
  ['hop path, another call', tab('Hop path'), (page) => page.locator('.tl-call').nth(3).click()],
  ['requests', graph, tab('Requests')],
  ['requests, by duration', tab('Requests'), (page) => page.getByRole('columnheader', { name: /Duration/ }).getByRole('button').click()],
  ['JSON', graph, tab('JSON')],
  ['compare', tab('Compare'), async (page) => {
    await page.locator('.tl-compare-view input:not([type=radio]):not([type=checkbox])').first().fill('another');
    await page.keyboard.press('Enter');
    await page.locator('[data-testid=throughline-comparison]').waitFor({ timeout: 180_000 });
  }],
  ['compare, one difference', tab('Compare'), (page) => page.locator('.tl-compare tbody button').first().click()],
  ['alike', graph, button('Alike')],
  ['rows', graph, button('Rows')],
  ['texture', graph, button('Texture')],
  ['flame and waterfall', graph, key('b')],
  ['flame alone again', graph, key('b')],
  ['pointer over spans', graph, async (page) => {
    for (let k = 0; k < 12; k++) {
      await page.mouse.move(200 + 90 * k, 320 + 12 * k);
    }
  }],
  ['select a span', graph, (page) => page.mouse.click(700, 420)],
  ['mark its time', graph, key('m')],
  ['mark a range', graph, async (page) => {
    const box = await page.locator('canvas').first().boundingBox();
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + 300, box.y + 200);
    await page.mouse.down();
    for (let k = 1; k <= 10; k++) {
      await page.mouse.move(box.x + 300 + 60 * k, box.y + 200);
    }
    await page.mouse.up();
    await page.keyboard.up('Shift');
  }],
  ['its subtree', async (page) => { await graph(page); await key('Escape')(page); await page.mouse.click(700, 420); }, key('f')],
  ['the whole again', graph, key('Escape', 'Escape', 'Escape')],
  ['critical path', graph, key('c', 'c')],
  ['code only', graph, key('1')],
  ['all sources', graph, key('3')],
  ['find', graph, async (page) => page.getByLabel('Find spans').pressSequentially('item', { delay: 30 })],
  ['matches only', graph, button('Matches only')],
  ['find nothing again', graph, async (page) => { await button('Matches only')(page); await page.getByLabel('Find spans').fill(''); }],
  ['view menu', graph, button('View ▾')],
  ['colour by node', settled, async (page) => page.getByLabel('Colour by').selectOption('node')],
  ['colour by an attribute', settled, async (page) => page.getByLabel('Colour by').selectOption('shard')],
  ['hide a service', settled, (page) => page.locator('.tl-menu-list input').nth(1).click()],
  ['one bar a service visit', async (page) => page.locator('.tl-menu-list input').nth(1).click(), (page) => page.getByLabel('One bar per service visit').click()],
  ['close the menu', async (page) => page.getByLabel('One bar per service visit').click(), button('View ▾')],
  ['sequence diagram', graph, inMenu('Export', /sequence diagram/)],
  ['flowchart', graph, inMenu('Export', /flowchart/)],
  ['save as JSON', graph, inMenu('Export', /^Save trace/)],
];

/** Before the page runs: what it did not answer is written down. */
export function watch() {
  const seen = { task: 0, gap: 0 };
  window.unanswered = seen;
  new PerformanceObserver((list) => list.getEntries().forEach((e) => (seen.task = Math.max(seen.task, e.duration)))).observe({ entryTypes: ['longtask'] });
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    seen.gap = Math.max(seen.gap, now - last);
    last = now;
    window.setTimeout(() => port2.postMessage(0), 4);
  };
  port2.postMessage(0);
}

/** Until nothing is being worked on, and two frames more. */
export async function settle(page) {
  await page.waitForFunction(() => document.querySelector('.tl') && !document.querySelector('[aria-busy=true]') && !document.querySelector('.tl-busy'), null, { timeout: 180_000 });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => window.setTimeout(done, 60)))));
}

/** Longest times of the page's main thread while work is done: of the clock and of the processor, in ms. */
export async function measure(page, work) {
  const trace = await tracing(page);
  await page.evaluate(() => Object.assign(window.unanswered, { task: 0, gap: 0 }));
  const began = performance.now();
  try {
    await work();
    await settle(page);
  } catch (e) {
    await trace();
    throw e;
  }
  const took = performance.now() - began;
  const seen = await page.evaluate(() => ({ ...window.unanswered }));
  return { took, wall: Math.max(seen.task, seen.gap), cpu: await trace() };
}

// A machine that does other things at that moment stretches a task; its time of the processor stays.
async function tracing(page) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', '__metadata', 'devtools.timeline'] } });
  return async () => {
    const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
    await session.send('Tracing.end');
    await complete;
    await session.detach();
    const main = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid} ${e.tid}`));
    const tasks = events.filter((e) => e.ph === 'X' && e.name.endsWith('RunTask') && main.has(`${e.pid} ${e.tid}`));
    return Math.max(0, ...tasks.map((e) => (e.tdur ?? 0) / 1000));
  };
}
