// The app's first page: what is connected, and the heatmap whose brush filters the list.
import assert from 'node:assert/strict';
import { startFixture } from '../browser.mjs';
import { ALSO_LIVE, counts, options, params, rows, site } from '../dashboard.mjs';

const NS = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };
const nanoseconds = (text) => {
  const [, n, unit] = /^([\d.]+)\s*(\S+)$/.exec(text);
  return Number(n) * NS[unit];
};

export default function (flow) {
  flow('the first page says what is connected', async (page) => {
    await page.goto(`${site.url}/a/throughline-app`);
    const connected = page.getByTestId('connected');
    await connected.waitFor();
    await connected.getByText(/[1-9][\d,]* spans stored/).nth(2).waitFor();
    const stored = (await connected.getByText(/spans stored/).allInnerTexts()).map((t) => Number(t.replace(/\D/g, '')));
    assert.ok(stored.length === 3 && stored.every((n) => n > 0), `stored: ${stored}`);
    if (site.demo) {
      await connected.getByText('3 of 3').waitFor(); // agents
    }
    await rows(page).first().waitFor();
  }, ALSO_LIVE);

  flow('the first page does not warn of agents who sends OpenTelemetry alone', async (page) => {
    const alone = await startFixture({ plugin: options.plugin, webshop: false });
    try {
      await page.goto(`${alone.url.replace(/\/+$/, '')}/a/throughline-app`);
      await page.getByTestId('connected').getByText(/\d+ (s|min) ago/).waitFor(); // code alone
      assert.deepEqual(await page.getByTestId('data-testid Alert warning').allInnerTexts(), []);
      await page.getByText('What agents would add').waitFor();
      assert.equal(await page.getByText(/No spans from system calls yet/).isVisible(), false, 'who asks is told');
    } finally {
      await page.goto('about:blank');
      await alone.stop();
    }
  });

  flow('a rectangle on the heatmap narrows the list, and is taken away', async (page) => {
    await page.goto(`${site.url}/a/throughline-app?var-namespace=${options.namespace}&from=now-15m&to=now`);
    const heatmap = page.getByTestId('heatmap');
    const canvas = heatmap.getByRole('img', { name: /^Heatmap of durations: [1-9]/ });
    await canvas.waitFor();
    await rows(page).first().waitFor();
    const box = await canvas.boundingBox();
    const drag = async (y1, y2) => {
      await page.mouse.move(box.x + 70, box.y + y1 * box.height);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width - 2, box.y + y2 * box.height, { steps: 4 });
      await page.mouse.up();
    };
    const brushed = (r) => r.url().includes('/api/ds/query') && /"minDuration":"\d/.test(r.request().postData());
    const [response] = await Promise.all([page.waitForResponse(brushed), drag(0.02, 0.6)]); // the upper part: slow ones
    await page.getByTestId('brush').waitFor();
    const { minDuration, maxDuration, scope } = response.request().postDataJSON().queries[0];
    assert.equal(scope, 'requests', 'the same requests that the heatmap counts');
    const [min, max] = [minDuration, maxDuration].map(nanoseconds);
    assert.ok(min < max, `${minDuration} to ${maxDuration}`);
    const [frame] = Object.values((await response.json()).results)[0].frames;
    const column = (name) => frame.data.values[frame.schema.fields.findIndex((f) => f.name.toLowerCase() === name)];
    const durations = column('duration');
    assert.ok(durations.length > 0, 'some are slow');
    assert.ok(durations.every((d) => d >= min && d <= max), `all within ${minDuration} and ${maxDuration}`);

    await page.getByRole('button', { name: 'Clear selection' }).click();
    await page.getByTestId('brush').waitFor({ state: 'detached' });
    await page.waitForFunction(() => !new URLSearchParams(window.location.search).get('var-min_duration'));
    await rows(page).first().locator('a').first().click();
    await page.waitForURL(/\/a\/throughline-app\/traces/);
    await counts(page).waitFor();
    assert.ok(params(page).get('var-trace_id'));
  });

  flow("the heatmap's times are in the page's time zone", async (page) => {
    const now = Date.now();
    const brushed = async (zone) => {
      const at = `from=${now - 900_000}&to=${now}&brush=${now - 600_000}-${now - 300_000}`;
      await page.goto(`${site.url}/a/throughline-app?var-namespace=${options.namespace}&timezone=${zone}&${at}`);
      await page.getByTestId('brush').waitFor();
      return /(\d\d):\d\d:\d\d to/.exec(await page.getByTestId('heatmap').getByRole('status').innerText())[1];
    };
    const hour = (zone) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', timeZone: zone }).format(now - 600_000);
    for (const zone of ['utc', 'Asia/Tokyo', 'America/New_York']) {
      assert.equal(await brushed(zone), hour(zone));
    }
  });
}
