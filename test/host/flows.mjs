// What a user does, in a browser:
//
//   node test/host/flows.mjs [--url URL] [--namespace webshop] [--expect "100 spans: 46 APP, 20 SYS, 34 NET"]
//                            [--screenshot docs/img/flame-graph.png] [--only NAME]
//
// Without --url it starts the host with the fixture's traces in a store of its own. The page
// that `throughline demo webshop` prints serves as well. Exit status 1 if a flow fails.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { launch, openPage, startFixture } from './browser.mjs';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    namespace: { type: 'string', default: 'webshop' },
    expect: { type: 'string', default: '100 spans: 46 APP, 20 SYS, 34 NET' },
    screenshot: { type: 'string' },
    out: { type: 'string', default: 'test-results/browser' },
    only: { type: 'string' },
    clicks: { type: 'string', default: '5' },
  },
});

const fixture = options.url ? undefined : await startFixture();
const url = (options.url ?? fixture.url).replace(/\/+$/, '');
const dashboard = `${url}/d/Distributed_Tracing/distributed-tracing`;
const home = `${dashboard}?var-namespace=${encodeURIComponent(options.namespace)}`;
const browser = await launch();
fs.mkdirSync(options.out, { recursive: true });

const params = (page) => new URL(page.url()).searchParams;
const rows = (page) => page.locator('[role=row]:has([role=gridcell])');
const flame = (page) => page.getByTestId('throughline-flame');
const counts = (page) => page.getByTestId('counts');
const lastSearch = (page) => page.queries.filter((q) => q.queryType === 'search').at(-1);

const flows = [];
const flow = (name, run, allowed = []) => flows.push({ name, run, allowed });

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

const openFirst = async (page) => {
  await page.goto(home);
  await rows(page).first().waitFor();
  await rows(page).first().locator('a').first().click();
  await flame(page).waitFor();
};

// Bars are on a canvas: look for a place at which the pointer finds one.
async function hoverBar(page) {
  const box = await flame(page).boundingBox();
  for (let y = 80; y < Math.min(box.height, 500); y += 6) {
    await page.mouse.move(box.x + box.width * 0.3, box.y + y);
    if (await page.getByRole('tooltip').isVisible()) {
      return { x: box.x + box.width * 0.3, y: box.y + y };
    }
  }
  throw new Error('no bar under the pointer');
}

const pixels = (page) =>
  page.evaluate(() => {
    const canvas = document.querySelector('canvas[data-testid=throughline-flame]');
    return canvas.toDataURL().length + canvas.toDataURL().slice(-2000);
  });

flow('the namespace narrows the request list', async (page) => {
  await page.goto(dashboard);
  await page.getByText('Choose').or(page.getByText('No data')).or(flame(page)).or(rows(page)).first().waitFor();
  await page.getByRole('combobox').nth(1).click();
  await page.getByRole('option', { name: options.namespace }).click();
  await rows(page).first().waitFor();
  assert.equal(params(page).get('var-namespace'), options.namespace);
  assert.equal(lastSearch(page).namespace, options.namespace);
  await page.getByRole('combobox').nth(2).click();
  const workloads = await page.getByRole('option').allInnerTexts();
  assert.ok(workloads.includes('All') && workloads.length > 1, `workloads ${workloads}`);
});

flow('a link with variables and an unreadable time opens the list', async (page) => {
  await page.goto(`${home}&var-request_resource=*&from=some-docs`);
  await rows(page).first().waitFor();
  await page.getByText('Last 15 minutes').waitFor();
  assert.equal(lastSearch(page).requestResource, '*');
});

flow('the request variable finds by wildcard', async (page) => {
  await page.goto(`${home}&var-request_resource=*no-such-request*`);
  await page.getByText('No rows').waitFor();
  assert.equal(lastSearch(page).requestResource, '*no-such-request*');
  assert.equal(await rows(page).count(), 0);
});

flow('a click on a row shows the flame graph', async (page) => {
  const first = [];
  const next = [];
  for (let n = 0; n < Number(options.clicks); n++) {
    await page.goto('about:blank');
    await page.goto(home);
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
});

flow('hover tells the span, zoom changes the picture', async (page) => {
  await openFirst(page);
  const at = await hoverBar(page);
  assert.ok((await page.getByRole('tooltip').innerText()).length > 0);
  const before = await pixels(page);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -600);
  await page.keyboard.up('Control');
  await page.waitForFunction((old) => {
    const canvas = document.querySelector('canvas[data-testid=throughline-flame]');
    return canvas.toDataURL().length + canvas.toDataURL().slice(-2000) !== old;
  }, before);
  await page.mouse.move(at.x, at.y);
});

flow('a click on a bar selects its span and shows its details', async (page) => {
  await openFirst(page);
  const queries = page.queries.filter((q) => q.queryType === 'trace').length;
  const at = await hoverBar(page);
  const asked = page.waitForResponse((r) => r.url().includes('/resources/span/'));
  await page.mouse.click(at.x, at.y);
  assert.equal((await asked).status(), 200);
  await page.getByLabel('Details of the selected span').waitFor();
  await page.waitForURL(/var-span_id=[0-9a-f]{16}/);
  assert.equal(page.queries.filter((q) => q.queryType === 'trace').length, queries, 'a selection reads no trace');
  const selected = page.url();
  await page.goto('about:blank');
  await page.goto(selected);
  await page.getByLabel('Details of the selected span').waitFor();
});

flow('a span id alone opens its trace', async (page) => {
  await openFirst(page);
  const at = await hoverBar(page);
  await page.mouse.click(at.x, at.y);
  await page.waitForURL(/var-span_id=[0-9a-f]{16}/);
  const id = params(page).get('var-span_id');
  await page.goto('about:blank');
  await page.goto(`${home}&var-span_id=${id}`);
  await counts(page).filter({ hasText: options.expect }).waitFor();
});

flow(
  'an id that is none says so',
  async (page) => {
    await page.goto(`${home}&var-trace_id=xyz`);
    await page.getByTestId('data-testid Panel status error').waitFor();
  },
  [/400/]
);

flow('a trace that is not stored says so', async (page) => {
  await page.goto(`${home}&var-trace_id=0123456789abcdef0123456789abcdef`);
  await page
    .getByText(/0123456789abcdef0123456789abcdef/)
    .first()
    .waitFor();
});

flow("the app's first page is the same dashboard", async (page) => {
  await page.goto(`${url}/a/throughline-app/traces?var-namespace=${options.namespace}`);
  await rows(page).first().locator('a').first().click();
  await counts(page).filter({ hasText: options.expect }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/a/throughline-app/traces');
});

flow('the data source says how it is', async (page) => {
  await page.goto(`${url}/connections/datasources/edit/throughline`);
  await page.getByLabel('URL', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Test' }).click();
  await page.getByTestId('health').filter({ hasText: 'Connected to' }).waitFor();
});

flow("Explore gets Grafana's own trace frame beside ours", async (page) => {
  await page.goto(`${home}`);
  await rows(page).first().waitFor();
  await rows(page).first().locator('a').first().click();
  await page.waitForURL(/var-trace_id=[0-9a-f]+/);
  const id = params(page).get('var-trace_id');
  await page.goto(`${url}/explore?ds=throughline`);
  await page.getByRole('radio', { name: 'Trace', exact: true }).check();
  await page.getByPlaceholder('4bf92f3577b34da6a3ce929d0e0e4736').fill(id);
  await page.getByRole('radio', { name: 'Both' }).check();
  await page.getByRole('button', { name: 'Run query' }).click();
  const frames = page.getByTestId('frames').filter({ hasText: /traceID spanID parentSpanID/ });
  await frames.waitFor();
  assert.match(await frames.innerText(), /parentIdx/);
});

flow('the light theme', async (page) => {
  await page.goto(`${home}&theme=light`);
  await rows(page).first().locator('a').first().click();
  await counts(page).waitFor();
  await page.screenshot({ path: path.join(options.out, 'light.png') });
});

flow('the picture', async (page) => {
  await page.setViewportSize({ width: 1440, height: 1290 }); // both panels whole
  await openFirst(page);
  await counts(page).filter({ hasText: options.expect }).waitFor();
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: path.join(options.out, 'dashboard.png') });
  if (options.screenshot) {
    fs.mkdirSync(path.dirname(options.screenshot), { recursive: true });
    await page.screenshot({ path: options.screenshot });
    console.log(`  ${options.screenshot}`);
  }
});

let failed = 0;
try {
  for (const { name, run, allowed } of flows) {
    if (options.only && !name.includes(options.only)) {
      continue;
    }
    const page = await openPage(browser);
    page.setDefaultTimeout(15_000);
    const started = performance.now();
    let error;
    try {
      await run(page);
      const problems = [...new Set(page.problems)].filter((p) => !allowed.some((a) => a.test(p)));
      assert.deepEqual(problems, [], 'problems in the page');
    } catch (e) {
      error = e;
      failed++;
      await page
        .screenshot({ path: path.join(options.out, `failed-${name.replace(/\W+/g, '-')}.png`) })
        .catch(() => {});
    }
    console.log(`${error ? 'FAIL' : 'ok  '} ${name} (${Math.round(performance.now() - started)} ms)`);
    if (error) {
      console.log(
        '  ' +
          String(error.stack ?? error)
            .slice(0, 1500)
            .replaceAll('\n', '\n  ')
      );
    }
    await page.close();
  }
} finally {
  await browser.close();
  await fixture?.stop();
}
process.exitCode = failed > 0 ? 1 : 0;
