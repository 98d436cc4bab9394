// The request list, its variables, and the click that opens a trace.
import assert from 'node:assert/strict';
import { counts, dashboard, flame, home, lastSearch, options, params, rows } from '../dashboard.mjs';

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

export default function (flow) {
  flow('the namespace narrows the request list', async (page) => {
    await page.goto(dashboard());
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
  });
}
