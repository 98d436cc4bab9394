// Search, filters, folding.
import assert from 'node:assert/strict';
import { ALSO_LIVE, answered, drawer, openFirst, params, region, tab } from '../dashboard.mjs';

const find = (page) => page.getByLabel('Find spans');
// "3 of 100", and where a match is selected "1 / 3".
const count = (page) => region(page).locator('.tl-find [aria-live=polite]');
const found = async (page) => Number(/^(?:\d+ \/ )?(\d+)/.exec(await count(page).innerText())?.[1]);

/** Rows of the waterfall, where network hops of a call are one row. */
const rowCount = async (page) => Number(await page.getByRole('treegrid', { name: 'Spans' }).getAttribute('aria-rowcount')) - 1;

async function until(read, expected, what) {
  let got;
  for (let tries = 0; tries < 100; tries++) {
    got = await read();
    if (got === expected) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(got, expected, what);
}

export default function (flow) {
  flow('search counts, and steps through what it found', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    for (const [query, matches] of [
      ['a:', (s) => s.source === 'APP'],
      ['s:', (s) => s.source === 'SYS'],
      ['n:', (s) => s.source === 'NET'],
      ['inferred', (s) => s.confidence === 'inferred'],
      ['register sql', (s) => s.name.includes('register') && s.name.includes('sql')],
      ['<10us', (s) => s.duration < 10_000],
      ['>1ms', (s) => s.duration > 1_000_000],
      ['no-such-span', () => false],
    ]) {
      await find(page).fill(query);
      const hits = spans.filter(matches);
      await until(() => found(page), hits.length, query);
    }
    const hits = spans.filter((s) => s.source === 'SYS');
    await find(page).fill('s:');
    await until(() => found(page), hits.length, 's:');
    const selected = /^1 \//.test(await count(page).innerText()) ? 1 : 0; // the list opened the trace at it
    const next = page.getByRole('button', { name: 'Next match' });
    for (let k = selected; k < hits.length; k++) {
      await next.click();
      await until(() => count(page).innerText(), `${k + 1} / ${hits.length}`, 'next');
      await until(() => params(page).get('var-span_id'), hits[k].spanId || hits[k].id, `hit ${k + 1} is selected`);
    }
    await next.click();
    await until(() => count(page).innerText(), `1 / ${hits.length}`, 'round');
    await page.getByRole('button', { name: 'Previous match' }).click();
    await until(() => count(page).innerText(), `${hits.length} / ${hits.length}`, 'back round');
    await find(page).press('Shift+Enter');
    await until(() => count(page).innerText(), `${hits.length - 1} / ${hits.length}`, 'Shift Enter');
    await find(page).press('Enter');
    await until(() => count(page).innerText(), `${hits.length} / ${hits.length}`, 'Enter');
  }, ALSO_LIVE);

  flow('only matches are shown, with what is above them', async (page) => {
    await openFirst(page);
    await tab(page, 'Waterfall').click();
    const [all, spans] = [await rowCount(page), await answered(page)];
    const hit = spans.findLast((s) => s.source === 'APP');
    await find(page).fill(`name=${hit.name}`);
    await page.getByRole('button', { name: 'Matches only' }).click();
    const kept = new Set();
    for (const s of spans.filter((one) => one.name === hit.name)) {
      for (let one = s; one; one = spans[one.parentIdx]) {
        kept.add(one);
      }
    }
    await until(async () => (await rowCount(page)) <= kept.size, true, 'matches and their callers');
    await find(page).fill('');
    await until(() => rowCount(page), all, 'all again');
  });

  flow('layers are left out, and children move to what is left', async (page) => {
    await openFirst(page);
    await tab(page, 'Waterfall').click();
    const all = await rowCount(page);
    const layers = region(page).getByRole('group', { name: 'Layers' });
    await layers.getByRole('button', { name: 'APP' }).click();
    await until(() => rowCount(page), 46, 'APP only');
    await layers.getByRole('button', { name: '+ SYS' }).click();
    await until(() => rowCount(page), 66, 'APP and SYS');
    await layers.getByRole('button', { name: 'All' }).click();
    await until(() => rowCount(page), all, 'all');
    await region(page).getByRole('button', { name: /^View/ }).click();
    await page.getByRole('dialog').getByLabel(/system calls/).uncheck();
    await page.getByRole('dialog').getByLabel(/packets/).uncheck();
    await until(() => rowCount(page), 46, 'by the menu');
  });

  flow('services are left out, one by one or all but one', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    await tab(page, 'Waterfall').click();
    const all = await rowCount(page);
    await region(page).getByRole('button', { name: /^View/ }).click();
    const menu = page.getByRole('dialog');
    await menu.getByRole('button', { name: 'Only svc-stock' }).click();
    const left = spans.filter((s) => s.service === 'svc-stock').length;
    await until(() => rowCount(page), left, 'svc-stock only');
    await menu.getByRole('button', { name: 'Show all services' }).click();
    await until(() => rowCount(page), all, 'all services');
    await menu.getByLabel(/^svc-stock/).uncheck();
    await until(async () => (await rowCount(page)) < all, true, 'without svc-stock');
  });

  flow('Esc closes an open menu first', async (page) => {
    await openFirst(page);
    for (const name of [/^View/, /^Export/]) {
      await region(page).getByRole('button', { name }).click();
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached', timeout: 3000 });
      await drawer(page).waitFor(); // the selection stays
    }
  });

  flow('levels fold, and unfold', async (page) => {
    await openFirst(page);
    await tab(page, 'Waterfall').click();
    const all = await rowCount(page);
    await region(page).getByRole('button', { name: /^View/ }).click();
    const menu = page.getByRole('dialog');
    await menu.getByLabel('Levels of the tree that are shown').fill('1');
    await until(() => rowCount(page), 1, 'the root');
    await menu.getByRole('button', { name: /^Unfold all/ }).click();
    await until(() => rowCount(page), all, 'unfolded');
    await menu.getByLabel('One bar per service visit').check();
    await until(async () => (await rowCount(page)) < all / 2, true, 'one bar per visit');
  }, ALSO_LIVE);

  flow('colour stands for any field', async (page) => {
    await openFirst(page);
    await region(page).getByRole('button', { name: /^View/ }).click();
    const by = page.getByRole('dialog').getByLabel('Colour by');
    const fields = await by.locator('option').evaluateAll((list) => list.map((o) => o.value));
    assert.ok(fields.length >= 5, `${fields}`);
    const graph = () => page.evaluate(() => document.querySelector('canvas[data-testid=throughline-flame]').toDataURL());
    const pictures = new Set();
    for (const field of fields) {
      await by.selectOption(field);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      pictures.add(await graph());
    }
    assert.ok(pictures.size >= 3, `${pictures.size} pictures of ${fields.length} fields`);
  });

  flow('bars are coloured by any attribute of the spans', async (page) => {
    await openFirst(page);
    await page.getByRole('button', { name: /^View/ }).click();
    const field = page.getByLabel('Colour by');
    const keys = field.locator('optgroup[label=Attributes] option');
    await keys.first().waitFor({ state: 'attached' });
    const key = await keys.first().innerText();
    const [, values] = await Promise.all([field.selectOption(key), page.waitForResponse((r) => /resources\/attributes\/\w+\?key=/.test(r.url()))]);
    const { values: bySpan } = await values.json();
    const spans = await answered(page);
    assert.ok(Object.keys(bySpan).length > 0 && Object.keys(bySpan).every((id) => spans.some((s) => s.id === id)), `values of ${key}`);
    const stack = page.getByRole('group', { name: `Share by layer and ${key}; press to filter` });
    await stack.waitFor();
    const titles = await Promise.all((await stack.getByRole('button').all()).map((b) => b.getAttribute('title')));
    assert.ok(Object.values(bySpan).some((value) => titles.some((title) => title.includes(value))), titles.join('; '));
  }, { on: ['demo'] });
}
