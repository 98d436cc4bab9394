// What a user does with a trace, and what must stay as it was meanwhile.
/* global getComputedStyle */
import assert from 'node:assert/strict';
import { addRow, changeTraces, counts, drawer, flame, home, hoverBar, openFirst, openTrace, pressTool, region, refresh, rows, tab } from '../dashboard.mjs';
import { openShape, openShop } from '../shapes.mjs';

const find = (page) => page.getByLabel('Find spans');
const ticks = (page) => page.locator('.tl-ticks span').allInnerTexts();

/** From the second answer on, traces have one span more, as of a service that reports late. */
async function withOneMore(page) {
  let answers = 0;
  await changeTraces(page, (columns) => {
    if (answers++ > 0) {
      addRow(columns, { id: '00000000b0000001', parentIdx: 0, source: 'APP', point: 'app', service: 'late-reporter', name: 'came late', node: columns.node[0], confidence: 'proven', duration: 1e6 });
    }
  });
}

/** The dashboard reads its data again; the trace has one span more then. */
async function readAgain(page) {
  await refresh(page);
  await counts(page).filter({ hasText: '101 spans' }).waitFor();
}

/** Bars of the same time, each this many pixels after the one before, and a fifth of a pixel. */
const BARS = { count: 20, wide: 20, apart: 60 };
/** Spans that a trace has so that it is drawn as texture. */
const MANY = 5000;

/** Traces are so long that a microsecond is a pixel of a graph of that width, and have bars of whole pixels. */
const withBars = (page, usable) =>
  changeTraces(page, (columns) => {
    for (let i = 1; i < columns.id.length; i++) {
      Object.assign(columns.offset, { [i]: 0 });
      Object.assign(columns.duration, { [i]: 0 });
    }
    columns.duration[0] = usable * 1e3;
    const add = (n, row) => addRow(columns, { id: (0xb0000000 + n).toString(16).padStart(16, '0'), source: 'APP', point: 'app', confidence: 'proven', ...row });
    for (let k = 0; k < BARS.count; k++) {
      add(k, { parentIdx: 0, service: 'bars', name: `bar ${k}`, offset: (30 + BARS.apart * k + 0.2 * (k % 5)) * 1e3, duration: BARS.wide * 1e3 });
    }
    const last = columns.id.length;
    add(BARS.count, { parentIdx: 0, service: 'bars', name: 'many', offset: columns.offset[last - 1] + 60e3, duration: 5e3 });
    for (let n = 1; n <= MANY; n++) {
      add(BARS.count + n, { parentIdx: last, service: 'within', name: 'span', offset: columns.offset[last] + n / 2, duration: 0.5 });
    }
  });

/** Widths of what is painted in the line of the graph that has most bars, without those at its ends. */
const widths = (page) =>
  flame(page).evaluate((canvas, { apart }) => {
    const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const background = [...data.slice(4 * (width * (height - 3) + 1), 4 * (width * (height - 3) + 1) + 3)];
    let most = [];
    for (let y = 80; y < height; y++) {
      const runs = [];
      let from = -1;
      for (let x = 0; x < width; x++) {
        const at = 4 * (y * width + x);
        const painted = background.reduce((sum, value, k) => sum + Math.abs(data[at + k] - value), 0) > 90; // a line of the grid is fainter
        if (painted && from < 0) {
          from = x;
        } else if (!painted && from >= 0) {
          runs.push([from, x]);
          from = -1;
        }
      }
      const bars = runs.filter(([a, b]) => b - a > 10 && b - a < apart && a > apart && b < width - apart);
      most = bars.length > most.length ? bars : most;
    }
    return most.map(([a, b]) => b - a);
  }, BARS);

/** Waits until the selected row is in the part of the table that is seen; it may be drawn anew meanwhile. */
const selectedInView = (page) =>
  page.waitForFunction(() => {
    const row = document.querySelector('.tl-waterfall tr[aria-selected=true]');
    const box = row?.closest('.tl-scroll')?.getBoundingClientRect();
    const { top, bottom } = row?.getBoundingClientRect() ?? {};
    return box && top >= box.top && bottom <= box.bottom;
  });

export default function (flow) {
  flow('gestures: what is typed into a field is text, no command', async (page) => {
    await openFirst(page);
    await find(page).click();
    await page.keyboard.type('0123 wasd z');
    assert.equal(await find(page).inputValue(), '0123 wasd z');
    await find(page).fill('');
    await region(page).getByRole('button', { name: /^View/ }).click();
    const levels = page.getByLabel('Levels of the tree that are shown');
    await levels.click();
    await page.keyboard.type('12');
    assert.equal(await levels.inputValue(), '12');
    await levels.fill('');
    await page.keyboard.press('Escape');
    await tab(page, 'Compare').click();
    await page.getByRole('button', { name: 'Another trace' }).click();
    const id = page.getByLabel('Id of the trace to compare with');
    await id.click();
    await page.keyboard.type('0123456789abcdef');
    assert.equal(await id.inputValue(), '0123456789abcdef');
  });

  flow('gestures: the waterfall scrolls to what is selected', async (page) => {
    await openFirst(page);
    await tab(page, 'Waterfall').click();
    await find(page).fill('getstock');
    const places = new Set();
    for (let k = 0; k < 3; k++) {
      const before = await drawer(page).locator('h4').innerText();
      await find(page).press('Enter');
      await drawer(page).locator('h4').filter({ hasNotText: new RegExp(`^${before}$`) }).waitFor();
      const selected = page.locator('.tl-waterfall tr[aria-selected=true]');
      await selected.waitFor();
      await selectedInView(page);
      places.add(await selected.getAttribute('aria-rowindex'));
    }
    assert.equal(places.size, 3);
  });

  flow('gestures: one span more at a refresh takes nothing away', async (page) => {
    await withOneMore(page);
    await openFirst(page);
    await flame(page).focus();
    for (let k = 0; k < 6; k++) {
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('z'); // to the span
    await page.keyboard.press('m'); // its time is marked
    await find(page).fill('order');
    await tab(page, 'Waterfall').click();
    const kept = async () => ({
      tab: await region(page).getByRole('tab', { selected: true }).innerText(),
      query: await find(page).inputValue(),
      range: await page.getByTestId('range').innerText(),
      ticks: await ticks(page),
      selected: await drawer(page).locator('h4').innerText(),
    });
    const before = await kept();
    assert.equal(before.tab, 'Waterfall');
    await readAgain(page);
    assert.deepEqual(await kept(), before);
  });

  flow('gestures: the tooltip stays where a refresh brings the same under it', async (page) => {
    await withOneMore(page);
    await openFirst(page);
    await hoverBar(page);
    const tip = page.getByRole('tooltip').locator('h4');
    const words = await tip.innerText();
    await readAgain(page);
    assert.equal(await tip.innerText(), words);
  });

  flow('gestures: the bars of the list are split though it is read again and again', async (page) => {
    await page.route(/\/resources\/layers/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1500)); // longer than from one refresh to the next
      await route.continue().catch(() => {}); // the page may have taken the question back
    });
    await page.goto(home());
    await rows(page).first().waitFor();
    const split = rows(page).first().getByRole('img');
    for (let k = 0; k < 12 && (await split.count()) === 0; k++) {
      const answered = page.waitForResponse((r) => r.url().includes('/api/ds/query'));
      await refresh(page);
      await answered;
      await page.waitForTimeout(600); // as a dashboard that refreshes itself
    }
    assert.equal(await split.count(), 1);
  });

  flow('gestures: of sixteen services no two have the same colour', async (page) => {
    await changeTraces(page, (columns) => columns.service.forEach((name, i) => name && (columns.service[i] = `service-${i % 16}`)));
    await openFirst(page);
    await region(page).getByRole('button', { name: /^View/ }).click();
    const colours = await page.locator('.tl-menu-line').evaluateAll((lines) => lines.map((line) => [line.textContent, getComputedStyle(line.querySelector('.tl-swatch')).background]));
    assert.equal(colours.length, 16, JSON.stringify(colours));
    assert.equal(new Set(colours.map(([, colour]) => colour)).size, 16, JSON.stringify(colours));
  });

  flow('gestures: another colouring does not ask for the details again', async (page) => {
    const asked = [];
    page.on('request', (r) => r.url().includes('/resources/span/') && asked.push(r.url()));
    await openFirst(page);
    await drawer(page).getByText('id', { exact: true }).first().waitFor();
    await page.waitForLoadState('networkidle');
    const before = asked.length;
    assert.ok(before > 0);
    await region(page).getByRole('button', { name: /^View/ }).click();
    await page.getByLabel('Colour by').selectOption('node');
    await region(page).getByRole('group', { name: /Share by layer and node/ }).waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(asked.length, before);
  });

  flow('gestures: Esc in the details gives the focus to the view, whose keys go on', async (page) => {
    await openFirst(page);
    for (const [name, view] of [['Flame', flame(page)], ['Waterfall', page.getByLabel('Spans, arrow keys move')]]) {
      await tab(page, name).click();
      await view.waitFor();
      await view.focus();
      await page.keyboard.press('ArrowDown');
      await drawer(page).getByRole('button').last().focus();
      await page.keyboard.press('Escape');
      await drawer(page).waitFor({ state: 'detached' });
      assert.ok(await view.evaluate((e) => e === document.activeElement), `the focus is in ${name}`);
      await page.keyboard.press('ArrowDown');
      await drawer(page).waitFor();
    }
  });

  flow('gestures: graphs have a pixel of the screen for each of theirs, whatever its ratio becomes', async (page) => {
    await openFirst(page);
    const screen = await page.context().newCDPSession(page);
    const { width, height } = page.viewportSize();
    const sharp = (canvas) => canvas.evaluate((e) => {
      const { width, height } = e.getBoundingClientRect();
      const off = (css, pixels) => Math.abs(css * window.devicePixelRatio - pixels);
      return Math.max(off(width, e.width), off(height, e.height));
    });
    // The window becomes lower, too: Chromium tells of an emulated ratio only with a new size. Graphs keep theirs.
    let lower = 0;
    const settles = async (canvas, ratio) => {
      await screen.send('Emulation.setDeviceMetricsOverride', { width, height: height - ++lower, deviceScaleFactor: ratio, mobile: false });
      await page.waitForFunction((want) => Math.abs(window.devicePixelRatio - want) < 0.01, ratio);
      for (let k = 0; k < 40 && (await sharp(canvas)) >= 0.1; k++) {
        await page.waitForTimeout(50);
      }
      assert.ok((await sharp(canvas)) < 0.1, `at ${ratio}: off by ${await sharp(canvas)} px`); // sizes are kept in 64ths
    };
    try {
      for (const ratio of [1.5, 1.1, 2, 1]) {
        await settles(flame(page), ratio);
      }
      await tab(page, 'Compare').click();
      await page.getByRole('button', { name: 'The usual' }).click();
      const compared = page.getByTestId('throughline-comparison');
      await compared.waitFor();
      for (const ratio of [1.1, 1.5]) {
        await settles(compared, ratio);
      }
    } finally {
      await screen.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    }
  });

  flow('gestures: bars of one time are equally wide, wherever between pixels they stand', async (page) => {
    await page.goto(home());
    const id = await rows(page).first().getAttribute('data-trace');
    await openTrace(page, id);
    const usable = (await flame(page).boundingBox()).width - 2 * 10; // without the margins of the time axis
    await withBars(page, usable);
    await openTrace(page, id);
    await pressTool(page, 'Texture');
    await page.waitForFunction(() => document.querySelector('.tl-stage').getAttribute('aria-busy') !== 'true');
    const seen = await widths(page);
    assert.ok(seen.length >= BARS.count - 2 && seen.every((width) => width === BARS.wide), `widths ${seen}`);
  });

  flow('gestures: what is cut has all of it at the pointer', async (page) => {
    await openShape(page, 'names');
    await page.setViewportSize({ width: 900, height: 900 });
    await page.getByTestId('errors').or(region(page).locator('.tl-chip')).first().click();
    await drawer(page).waitFor();
    for (const name of await region(page).getByRole('tab').allInnerTexts()) {
      await tab(page, name).click();
      await region(page).getByRole('tab', { name, selected: true }).waitFor();
      const silent = await region(page).evaluate((panel) =>
        [...panel.querySelectorAll('*')]
          .filter((e) => e.checkVisibility() && getComputedStyle(e).textOverflow === 'ellipsis' && e.scrollWidth > e.clientWidth + 1 && e.tagName !== 'INPUT')
          .filter((e) => !e.closest('[title]') && !e.querySelector('[title]'))
          .map((e) => `${e.className}: ${e.textContent.slice(0, 80)}`)
      );
      assert.deepEqual(silent, [], name);
    }
  });

  flow('gestures: one of a thing is said in the singular', async (page) => {
    const wrong = /(?<![\d.,])1 (?:APP |SYS |NET )?(spans|hops|links|services|errors|parts|subtrees|calls|points|events|rows|matches|levels|bars|requests|nodes|spans stored)\b.*/g;
    await openShop(page, '&from=now-6h&to=now');
    const list = page.getByRole('region', { name: 'List of requests' });
    await list.getByTitle(/^[\d,]+ APP spans?$/).first().waitFor(); // once it is known what the traces hold
    const titles = await list.locator('[title]').evaluateAll((all) => all.map((e) => e.title));
    assert.ok(titles.some((words) => /^1 APP spans?$/.test(words)), 'a trace of one span is listed');
    assert.deepEqual(titles.filter((words) => words.match(wrong)), [], 'the list');
    for (const shape of ['one', 'consumerroot', 'retry', 'orphans', 'demofail']) {
      await openShape(page, shape);
      for (const name of await region(page).getByRole('tab').allInnerTexts()) {
        await tab(page, name).click();
        if (name !== 'JSON') {
          const words = await region(page).evaluate((e) => [e.innerText, ...[...e.querySelectorAll('[title],[aria-label]')].flatMap((x) => [x.title, x.getAttribute('aria-label') ?? ''])].join('\n'));
          assert.deepEqual(words.match(wrong) ?? [], [], `${shape}, ${name}`);
        }
      }
    }
  });
}
