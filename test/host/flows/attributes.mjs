// From an attribute of a span to the traces that have it; and names and values that are long.
import assert from 'node:assert/strict';
import { barsAt, place, under } from '../bars.mjs';
import { answered, dashboard, drawer, flame, lastSearch, params, region, selectSpan, site, tab } from '../dashboard.mjs';
import { openShape } from '../shapes.mjs';

const LONG = 4000; // bytes of the statement that is a span's name
const label = /Filter the dashboard: traces with this app\.loyalty\.level/;

/** The first span of a shape's trace whose details have an attribute. */
async function openAttribute(page, key) {
  await page.goto(`${dashboard()}?var-namespace=$__all&from=now-6h&to=now&var-trace_id=${site.fixture.shapes.demofail[0]}&var-filters=${encodeURIComponent('status|=|error')}`);
  await flame(page).waitFor();
  for (const span of (await answered(page)).filter((s) => s.service === 'checkout' || s.service === 'payment')) {
    await selectSpan(page, span.id);
    await drawer(page).getByTestId('details').waitFor();
    const row = drawer(page).getByTestId('details').locator('dt', { hasText: new RegExp(`^${key.replaceAll('.', '\\.')}$`) }).first();
    if ((await row.count()) > 0) {
      return row.locator('xpath=following-sibling::dd[1]');
    }
  }
  throw new Error(`no span has ${key}`);
}

export default function (flow) {
  flow('attributes: one press filters the dashboard by an attribute, beside its other filters', async (page) => {
    const value = await openAttribute(page, 'app.loyalty.level');
    await value.hover();
    const only = value.getByRole('link', { name: label });
    assert.match(decodeURIComponent(await only.getAttribute('href')), /app\.loyalty\.level\|=\|gold/, 'it opens in another tab, too');
    await only.click();
    await page.waitForURL((url) => url.searchParams.getAll('var-filters').includes('app.loyalty.level|=|gold'));
    await page.waitForFunction(() => document.querySelectorAll('[data-trace]').length > 0);
    assert.deepEqual(params(page).getAll('var-filters'), ['status|=|error', 'app.loyalty.level|=|gold']);
    assert.deepEqual(lastSearch(page).filters.map(({ key, operator, value }) => [key, operator, value]), [['status', '=', 'error'], ['app.loyalty.level', '=', 'gold']]);
    await drawer(page).waitFor(); // the trace stays open
    await value.hover();
    await value.getByRole('link', { name: label }).click();
    assert.equal(params(page).getAll('var-filters').length, 2, 'once is enough');
  });

  flow('attributes: a resource’s finds its traces in Explore', async (page) => {
    const value = await openAttribute(page, 'k8s.pod.name');
    await value.hover();
    const href = await value.getByRole('link', { name: 'Find traces with this k8s.pod.name in Explore' }).getAttribute('href');
    await page.goto(new URL(href, page.url()).href);
    await page.getByTestId('frames').getByText(/requests: [1-9]\d* rows/).waitFor();
    const asked = lastSearch(page);
    assert.equal(asked.scope, 'roots');
    assert.equal(asked.filters[0].key, 'k8s.pod.name');
  });

  flow('attributes: a name of 4 KB is cut in tooltip, heading and waterfall, and there when asked for', async (page) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await openShape(page, 'names');
    const span = (await answered(page)).find((s) => s.name.length >= LONG);
    await selectSpan(page, span.id);
    const panel = await region(page).boundingBox();
    assert.ok((await drawer(page).locator('h4').boundingBox()).height < panel.height / 4, 'the name does not fill the panel');
    await page.keyboard.press('Escape');
    await openShape(page, 'names');
    let found;
    for (const share of [0.2, 0.3]) {
      found ??= (await barsAt(page, share)).map(([y, words]) => [share, y, words]).find(([, , words]) => /SELECT/.test(words));
    }
    assert.ok(found, 'the bar of the statement');
    assert.ok((await under(page, found[0], found[1])).length < 220, 'the tooltip is cut');
    await page.mouse.click(...(await place(page, found[0], found[1])));
    const heading = drawer(page).locator('h4');
    assert.ok((await heading.boundingBox()).height < 120);
    assert.ok((await heading.innerText()).length < 240);
    await heading.getByRole('button', { name: /Show all 4\.\d kB/ }).click();
    assert.ok((await heading.innerText()).replace(/\s/g, '').length >= span.name.replace(/\s/g, '').length, 'all of it');
    assert.ok((await heading.boundingBox()).height < 260, 'in a box that scrolls');
    const { width, full } = await drawer(page).locator('.tl-drawer-body').evaluate((e) => ({ width: e.clientWidth, full: e.scrollWidth }));
    assert.equal(full, width, 'nothing sticks out');
    const statement = drawer(page).getByTestId('details').getByRole('region', { name: 'db.query.text' });
    assert.ok((await statement.innerText()).length < 700, 'a value of 4 KB is cut');
    await drawer(page).getByTestId('details').getByRole('button', { name: /Show all \d/ }).first().click();
    assert.ok((await statement.innerText()).length >= LONG);
    const spoken = await region(page).locator(':scope > [aria-live=polite]').innerText();
    assert.ok(spoken.length < 500, 'nobody is read 4 KB');
    await tab(page, 'Waterfall').click();
    const name = page.getByRole('treegrid', { name: 'Spans' }).locator('.tl-name', { hasText: 'SELECT' }).first();
    assert.ok((await name.getAttribute('title')).length >= LONG, 'a cut name has a title');
  });
}
