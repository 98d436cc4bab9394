// The request list, its variables, and the click that opens a trace.
import assert from 'node:assert/strict';
import { ALSO_LIVE, counts, dashboard, flame, home, lastSearch, options, params, picture, region, rows, sentence, site } from '../dashboard.mjs';
import { findings } from './accessibility.mjs';

const list = (page) => page.getByRole('region', { name: 'List of requests', exact: true });
const grid = (page) => list(page).getByRole('grid');
/** Bars that are split. */
const bars = (page) => list(page).getByRole('img');
const layer = (page, name) => list(page).getByRole('button', { name, exact: true });
const head = (page, name) => list(page).getByRole('columnheader', { name });
const cell = (row, n) => row.getByRole('gridcell').nth(n);
const LAYERS = ['/api/datasources/uid/', '/resources/layers'];
const isLayers = (url) => LAYERS.every((part) => url.href.includes(part));
const REFUSED = [/\b502\b/];

/** A row as it reads: its figures, and its bar by layer. */
async function read(row) {
  const words = await row.getByRole('img').getAttribute('aria-label');
  const layers = Object.fromEntries([...words.matchAll(/(Code|Waiting|Kernel \+ queue|Network|Not seen) ([\d.]+ (?:ns|µs|ms|s)), ([<\d.]+%)/g)].map(([, name, time, share]) => [name, { time, share }]));
  const widths = await row.getByRole('img').evaluate((bar) => {
    const whole = bar.getBoundingClientRect().width;
    const of = {};
    for (const piece of bar.children) {
      of[piece.dataset.layer] = (of[piece.dataset.layer] ?? 0) + piece.getBoundingClientRect().width / whole;
    }
    return of;
  });
  return { layers, widths, took: await cell(row, 4).innerText(), spans: (await cell(row, 5).innerText()).replace(/\s+/g, ' ').trim() };
}

/** The header of the open trace: the same figures. */
async function header(page) {
  const layers = {};
  for (const name of ['Code', 'Waiting', 'Kernel + queue', 'Network', 'Not seen']) {
    const button = region(page).getByTitle('Show only what this layer held').filter({ hasText: name });
    if (await button.count()) {
      const [, time, share] = /([\d.]+ (?:ns|µs|ms|s))\s*([<\d.]+%)/.exec(await button.innerText());
      layers[name] = { time, share };
    }
  }
  const took = /([\d.]+ (?:ns|µs|ms|s)), where it went/.exec(await region(page).innerText())[1];
  return { layers, took };
}

/** What code of each service is painted with. */
const paint = (pieces) => pieces.evaluateAll((all) => Object.fromEntries(all.map((p) => [p.dataset.service ?? /^Code, (.*?):/.exec(p.title)[1], window.getComputedStyle(p).backgroundColor])));

const share = (text) => (text.startsWith('<') ? 0 : Number.parseFloat(text));
const nanoseconds = (text) => Number.parseFloat(text) * { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 }[text.split(' ')[1]];

/** The list, with the bars of the first rows split. */
async function openList(page, search = '') {
  await page.goto(home(search));
  await rows(page).first().waitFor();
  await rows(page).nth(3).getByRole('img').waitFor();
}

/** Clicks a row's link and returns the ms until the flame graph's first picture. */
async function clickToPicture(page, row) {
  const link = rows(page).nth(row).locator('a').first();
  await link.waitFor();
  // In the page: from the click to the frame in which a new canvas has its first bars. A new
  // trace gets a new canvas.
  await page.evaluate(() => {
    const find = () => document.querySelector('canvas[data-testid=throughline-flame]');
    const old = find();
    const painted = (canvas) => {
      if (!canvas || canvas === old || canvas.width === 0) {
        return false;
      }
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, Math.min(canvas.height, 200));
      return data.some((value, i) => i % 4 === 3 && value !== 0);
    };
    window.picture = new Promise((resolve) => {
      const clicked = () => {
        const start = performance.now();
        const look = () => (painted(find()) ? resolve(performance.now() - start) : requestAnimationFrame(look));
        requestAnimationFrame(look);
      };
      document.addEventListener('click', clicked, { capture: true, once: true });
    });
  });
  await link.click();
  return page.evaluate(() => window.picture);
}

function report(what, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const ms = (t) => `${Math.round(t)} ms`;
  console.log(
    `  click to picture, ${what}: median ${ms(sorted[sorted.length >> 1])}, ${ms(sorted[0])} to ${ms(sorted.at(-1))} (${times.length} clicks)`
  );
}

/** The selector of a dashboard's variable; they stand in this order. */
const choice = (page, variable) => page.getByRole('combobox').nth(['ds', 'environment', 'namespace', 'workload'].indexOf(variable));

export default function (flow) {
  flow('the namespace narrows the request list', async (page) => {
    await page.goto(dashboard());
    await page.getByText('Choose').or(page.getByText('No data')).or(flame(page)).or(rows(page)).first().waitFor();
    await choice(page, 'namespace').click();
    const search = (r) => r.postData()?.includes(`"namespace":"${options.namespace}"`) && r.postData().includes('"queryType":"search"');
    await Promise.all([page.waitForRequest(search), page.getByRole('option', { name: options.namespace }).click()]);
    await rows(page).first().waitFor();
    assert.equal(params(page).get('var-namespace'), options.namespace);
    assert.equal(lastSearch(page).namespace, options.namespace);
    await choice(page, 'workload').click();
    const workloads = await page.getByRole('option').allInnerTexts();
    assert.ok(workloads.includes('All') && workloads.length > 1, `workloads ${workloads}`);
  }, ALSO_LIVE);

  flow('a link with variables and an unreadable time opens the list', async (page) => {
    await page.goto(home('&var-request_resource=*&from=some-docs'));
    await rows(page).first().waitFor();
    await page.getByText('Last 15 minutes').waitFor();
    assert.equal(lastSearch(page).requestResource, '*');
  });

  flow('the request variable finds by wildcard', async (page) => {
    await page.goto(`${home()}&var-request_resource=*no-such-request*`);
    await page.getByText('No rows').waitFor();
    assert.equal(lastSearch(page).requestResource, '*no-such-request*');
    assert.equal(await rows(page).count(), 0);
  });

  flow('a click on a row shows the flame graph', async (page) => {
    const first = [];
    const next = [];
    for (let n = 0; n < Number(options.clicks); n++) {
      await page.goto('about:blank');
      await page.goto(home());
      first.push(await clickToPicture(page, 0));
      next.push(await clickToPicture(page, 1 + (n % 4)));
    }
    await counts(page).filter({ hasText: options.expect }).waitFor();
    assert.ok(params(page).get('var-trace_id'), 'the trace is in the URL');
    assert.equal(params(page).get('var-namespace'), options.namespace, 'other variables stay');
    report('first after loading the page', first);
    report('next ones', next);
    await page.goBack();
    await page.goBack();
    await flame(page).waitFor({ state: 'detached' });
  }, ALSO_LIVE);

  flow('the list is there at once, and its bars are split by one question', async (page) => {
    const asked = [];
    let go;
    const held = new Promise((resolve) => (go = resolve));
    await page.route(isLayers, async (route) => {
      asked.push(route.request().postDataJSON());
      await held;
      await route.continue();
    });
    await page.goto(home());
    await rows(page).first().waitFor();
    assert.equal(await bars(page).count(), 0);
    assert.match(await cell(rows(page).first(), 4).innerText(), /^[\d.]+ ms$/, 'the request’s own time until the trace is known');
    go();
    await rows(page).first().getByRole('img').waitFor();
    assert.equal(asked.length, 1);
    assert.equal(asked[0].of, 'trace');
    assert.ok(asked[0].rows.length >= 10, `${asked[0].rows.length} rows in one question`);
  });

  flow('a bar has the figures of its trace’s header, and its parts add up', async (page) => {
    const check = async (row) => {
      const { layers, widths, took, spans } = await read(row);
      assert.equal(spans, options.expect.replace(/.*: (\d+) APP, (\d+) SYS, (\d+) NET/, 'A $1 S $2 N $3'));
      const times = Object.values(layers).map((l) => nanoseconds(l.time));
      const whole = nanoseconds(took);
      assert.ok(Math.abs(times.reduce((sum, t) => sum + t, 0) - whole) < 0.01 * whole, `${JSON.stringify(layers)} of ${took}`);
      for (const [name, of] of Object.entries(layers)) {
        assert.ok(Math.abs(widths[name] * 100 - share(of.share)) < 4, `${name} is ${of.share} and ${widths[name]} of the bar`);
      }
      await row.locator('a').click();
      await counts(page).filter({ hasText: options.expect }).waitFor();
      await page.waitForURL(new RegExp(`var-trace_id=${await row.getAttribute('data-trace')}`));
      await region(page).getByText(`${took}, where it went`).waitFor();
      assert.deepEqual(await header(page), { layers, took });
      const colours = await paint(row.locator('[data-layer=Code] > *'));
      assert.ok(Object.keys(colours).length > 3);
      assert.deepEqual({ ...(await paint(region(page).locator('.tl-stack [title^="Code, "]'))), ...colours }, await paint(region(page).locator('.tl-stack [title^="Code, "]')), 'the colours of the header');
      return sentence(page).innerText();
    };
    await openList(page);
    for (const n of [0, 1, 3]) {
      await check(rows(page).nth(n));
    }
    if (site.fixture) {
      // The slow ones: longest first.
      await head(page, 'Trace took').getByRole('button').click();
      const said = [];
      for (const n of [0, 1, 2, 3]) {
        said.push(await check(rows(page).nth(n)));
      }
      assert.equal(new Set(said).size, 4, 'four traces, four causes');
    }
  }, ALSO_LIVE);

  flow('a layer in the list’s head brings the requests that lost most to it', async (page) => {
    await openList(page);
    await layer(page, 'Network').click();
    assert.equal(await layer(page, 'Network').getAttribute('aria-pressed'), 'true');
    await head(page, 'Network').waitFor();
    if (site.fixture) {
      await page.locator(`.tr-row[aria-rowindex="2"][data-trace="${site.slow('network')}"]`).waitFor();
      assert.ok(share(await cell(rows(page).first(), 4).innerText()) > 90);
    }
    await list(page).getByRole('status').filter({ hasText: /^\d+ requests$/ }).waitFor();
    const shares = (await Promise.all((await rows(page).all()).slice(0, 8).map((row) => cell(row, 4).innerText()))).map(share);
    assert.deepEqual(shares, shares.toSorted((a, b) => b - a));
    if (site.fixture) {
      await layer(page, 'Code').click();
      await page.locator(`.tr-row[aria-rowindex="2"]:is([data-trace="${site.slow('code')}"],[data-trace="${site.slow('pool')}"],[data-trace="${site.slow('database')}"])`).waitFor();
    }
    const pressed = list(page).locator('.tr-layer[aria-pressed=true]');
    await pressed.click();
    assert.equal(await pressed.count(), 0);
    assert.equal(await head(page, 'Start').getAttribute('aria-sort'), 'descending');
  });

  flow('columns sort, and the length of bars has a scale', async (page) => {
    await openList(page);
    const times = async () => (await Promise.all((await rows(page).all()).slice(0, 6).map((row) => cell(row, 4).innerText()))).map(nanoseconds);
    await head(page, 'Trace took').getByRole('button').click();
    assert.equal(await head(page, 'Trace took').getAttribute('aria-sort'), 'descending');
    await list(page).getByRole('status').filter({ hasText: /^\d+ requests$/ }).waitFor();
    const longest = await times();
    assert.deepEqual(longest, longest.toSorted((a, b) => b - a));
    const width = async (n) => (await rows(page).nth(n).getByRole('img').boundingBox()).width;
    await layer(page, 'Linear').click();
    assert.ok(Math.abs((await width(1)) / (await width(0)) - longest[1] / longest[0]) < 0.02, 'half the time, half the length');
    await layer(page, 'Equal').click();
    assert.equal(await width(0), await width(1));
    await head(page, 'Trace took').getByRole('button').click();
    const shortest = await times();
    assert.deepEqual(shortest, shortest.toSorted((a, b) => a - b));
    await head(page, 'Start').getByRole('button').click();
    assert.equal(await head(page, 'Start').getAttribute('aria-sort'), 'descending');
  });

  flow('a bar that is pointed at says its times and the sentence of its trace', async (page) => {
    await openList(page);
    const { layers, took } = await read(rows(page).first());
    const box = await bars(page).first().boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const tip = page.getByRole('tooltip');
    const said = (await tip.innerText()).replace(/\s+/g, ' ');
    assert.ok(said.includes(`${took} the whole trace`), said);
    for (const [name, { time, share }] of Object.entries(layers)) {
      assert.ok(said.includes(`${name} ${time} ${share}`), `${name} ${time} ${share} in: ${said}`);
    }
    const [, largest] = /Largest part: (.*?) The request of this row/.exec(said);
    await page.mouse.move(box.x, 5);
    await tip.waitFor({ state: 'detached' });
    await rows(page).first().locator('a').click();
    await sentence(page).waitFor();
    assert.ok((await sentence(page).innerText()).replace(/\s+/g, ' ').includes(largest), largest);
  });

  flow('why the list could not be read is read to its end', async (page) => {
    const why = `the store answered: ${'code 241, memory limit exceeded while reading the column attributes of a part; '.repeat(8)}THE END`;
    await page.route('**/api/ds/query*', (route) =>
      route.request().postData().includes('"queryType":"search"') ? route.fulfill({ status: 502, contentType: 'application/json', body: JSON.stringify({ message: why }) }) : route.continue()
    );
    await page.goto(home());
    const words = list(page).getByRole('alert').locator('code');
    await words.filter({ hasText: 'THE END' }).waitFor();
    const inside = await words.evaluate((e) => {
      const box = e.closest('[role=region]').getBoundingClientRect();
      const { left, right } = e.getBoundingClientRect();
      return left >= box.left && right <= box.right && e.scrollWidth <= e.clientWidth + 1;
    });
    assert.ok(inside, 'nothing of it is cut at a side');
  }, { allowed: [/502/] });

  flow('the list is walked and opened by keyboard', async (page) => {
    await openList(page);
    await grid(page).focus();
    const active = () => grid(page).getAttribute('aria-activedescendant').then((id) => page.locator(`[id="${id}"]`));
    const index = async () => Number(await (await active()).getAttribute('aria-rowindex'));
    assert.equal(await index(), 2);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    assert.equal(await index(), 3);
    assert.match(await (await active()).evaluate((row) => window.getComputedStyle(row).outlineStyle), /solid/, 'the focus is seen');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tooltip').getByText('the whole trace').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('tooltip').waitFor({ state: 'detached' });
    await page.keyboard.press('End');
    const last = await index();
    assert.equal(last, Number(await grid(page).getAttribute('aria-rowcount')));
    assert.ok(await (await active()).isVisible());
    await page.keyboard.press('Home');
    await page.keyboard.press('PageDown');
    assert.ok((await index()) > 4);
    const trace = await (await active()).getAttribute('data-trace');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`var-trace_id=${trace}`));
    await counts(page).filter({ hasText: options.expect }).waitFor();
    assert.equal(await (await active()).getAttribute('aria-selected'), 'true');
    // The heads are buttons behind the grid.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await head(page, 'Start').getAttribute('aria-sort'), 'ascending');
  });

  flow('a request that is asked for by name is found in its trace, which the row shows', async (page) => {
    await page.goto(home('&var-request_resource=*orders*'));
    await rows(page).first().waitFor();
    await rows(page).first().getByRole('img').waitFor();
    assert.equal(lastSearch(page).scope, 'roots');
    await head(page, 'Where the trace’s time went').waitFor();
    await head(page, 'Matched').waitFor();
    assert.match(await rows(page).first().innerText(), /orders/i);
  });

  flow("the app's first page has the list, and leads to the flame graph", async (page) => {
    await page.goto(`${site.url}/a/throughline-app?var-namespace=${options.namespace}`);
    await rows(page).first().getByRole('img').waitFor();
    await rows(page).first().locator('a').click();
    await page.waitForURL(/\/a\/throughline-app\/traces\?.*var-trace_id=/);
    await counts(page).waitFor();
    assert.equal(params(page).get('var-namespace'), options.namespace);
    await list(page).locator('[aria-selected=true]').waitFor();
  });

  flow(
    'layers that cannot be read leave the list, and are read when asked again',
    async (page) => {
      await page.route(isLayers, (route) => route.fulfill({ status: 502, contentType: 'application/json', body: '{"message":"the store is away"}' }));
      await page.goto(home());
      await list(page).getByRole('alert').filter({ hasText: 'Bars are not split: the store is away' }).waitFor();
      assert.ok((await rows(page).count()) > 3);
      await page.unrouteAll();
      await list(page).getByRole('button', { name: 'Try again' }).click();
      await rows(page).first().getByRole('img').waitFor();
      assert.equal(await list(page).getByRole('alert').count(), 0);
    },
    { allowed: REFUSED }
  );

  flow('ten thousand rows are few in the page, and the last is a key away', async (page) => {
    const many = 10_000;
    const asked = [];
    await page.route('**/api/ds/query*', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      for (const result of Object.values(body.results)) {
        for (const frame of result.frames ?? []) {
          if (frame.schema?.meta?.custom?.throughline === 'requests') {
            frame.data.values = frame.data.values.map((column) => Array.from({ length: many }, (_, i) => column[i % column.length]));
            delete frame.data.nanos;
          }
        }
      }
      await route.fulfill({ response, json: body });
    });
    page.on('request', (r) => isLayers(new URL(r.url())) && asked.push(r.postDataJSON().rows.length));
    await page.goto(home());
    await list(page).getByText('10,000 requests').waitFor();
    await rows(page).first().getByRole('img').waitFor();
    assert.ok((await rows(page).count()) < 60, `${await rows(page).count()} rows in the page`);
    await grid(page).focus();
    await page.keyboard.press('End');
    await page.locator(`.tr-row[aria-rowindex="${many + 1}"]`).getByRole('img').waitFor();
    assert.ok((await rows(page).count()) < 60);
    assert.ok(asked.every((n) => n <= 100), `questions of ${asked} rows`);
    await layer(page, 'Network').click();
    await list(page).getByRole('status').filter({ hasText: 'among the newest 2,000' }).waitFor();
  });

  flow('the list works at 340 pixels', async (page) => {
    await page.setViewportSize({ width: 340, height: 900 });
    await openList(page);
    const box = await grid(page).boundingBox();
    assert.ok(box.width <= 340);
    for (const part of [rows(page).first(), rows(page).first().locator('a'), bars(page).first(), layer(page, 'Not seen'), layer(page, 'Equal')]) {
      const { x, width } = await part.boundingBox();
      assert.ok(x >= 0 && x + width <= 340, `from ${x}, ${width} wide`);
    }
    assert.equal(await grid(page).evaluate((g) => g.scrollWidth > g.clientWidth), false, 'nothing to scroll sideways');
    await layer(page, 'Network').click();
    await rows(page).first().click();
    await page.waitForURL(/var-trace_id=[0-9a-f]+/);
  });

  flow(
    'the picture of the list',
    async (page) => {
      await openList(page);
      await head(page, 'Trace took').getByRole('button').click();
      await page.locator(`.tr-row[aria-rowindex="2"]`).getByRole('img').waitFor();
      await list(page).getByRole('status').filter({ hasText: /^\d+ requests$/ }).waitFor();
      const { x, y, width, height } = await bars(page).nth(2).boundingBox();
      await page.mouse.move(x + width * 0.8, y + height / 2);
      await page.getByRole('tooltip').waitFor();
      const box = await list(page).boundingBox();
      const tip = await page.getByRole('tooltip').boundingBox();
      const clip = { x: box.x, y: box.y, width: box.width, height: Math.max(box.height, tip.y + tip.height + 8 - box.y) };
      await picture(page, 'requests', page, { clip });
    },
    { on: ['fixture'] }
  );

  for (const theme of ['dark', 'light']) {
    flow(`axe: the list of requests, ${theme}`, async (page) => {
      const panel = '[role=region][aria-label="List of requests"]';
      const found = [];
      const check = async (where) => found.push(...(await findings(page, panel, where)));
      await openList(page, `&theme=${theme}`);
      await check('list');
      await layer(page, 'Network').click();
      await rows(page).first().hover();
      await check('by a layer');
      await grid(page).focus();
      await page.keyboard.press('ArrowRight');
      await page.getByRole('tooltip').waitFor();
      found.push(...(await findings(page, '[role=tooltip]', 'tooltip')));
      await page.setViewportSize({ width: 340, height: 900 });
      await check('narrow');
      await page.goto(home(`&theme=${theme}&var-request_resource=*no-such-request*`));
      await page.getByText('No rows').waitFor();
      await check('empty');
      assert.deepEqual(found, []);
    });
  }
}
