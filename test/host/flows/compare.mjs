// Two traces beside each other, and one beside the normal of its kind.
import assert from 'node:assert/strict';
import { answered, drawer, openFirst, openTrace, picture, region, rows, site, tab, home } from '../dashboard.mjs';
import { findings } from './accessibility.mjs';

const graph = (page) => page.getByTestId('throughline-comparison');
const said = (page) => page.getByTestId('compared');
const table = (page, by) => page.getByRole('table', { name: `Difference by ${by}` });
const cells = (row) => row.locator('td').allInnerTexts();
const recent = (page) => page.getByLabel('A recent trace of the same request');

const UNITS = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };
const nanoseconds = (text) => {
  const [, sign, value, unit] = /([+−±]?)([\d.]+) ?(ns|µs|ms|s)?/.exec(text);
  return (sign === '−' ? -1 : 1) * Number(value) * (UNITS[unit] ?? 0);
};

/** Opens the trace that a lost packet made slow beside an ordinary one. */
async function openSlow(page, search = '') {
  await openTrace(page, site.slow('network'), search);
  await tab(page, 'Compare').click();
}

async function besideFastest(page) {
  await page.getByRole('button', { name: 'Another trace' }).click();
  await page.waitForFunction(() => document.querySelector('select[aria-label="A recent trace of the same request"]')?.disabled === false);
  const fastest = await recent(page).locator('option').nth(1).getAttribute('value');
  await recent(page).selectOption(fastest);
  await graph(page).waitFor();
  return fastest;
}

export default function (flow) {
  flow('compare: a slow trace beside the fastest of its kind', async (page) => {
    await openSlow(page);
    const other = await besideFastest(page);
    assert.match(await said(page).innerText(), /^[\d.]+ ms slower: .*network, wire node\d → node\d/);
    // Every list adds up to what the durations differ by.
    const [, here, there] = /This trace ([\d.]+ \S+), the other ([\d.]+ [^\s.]+)/.exec(await said(page).innerText());
    const whole = nanoseconds(here) - nanoseconds(there);
    for (const by of ['layer', 'span or hop', 'service']) {
      const lines = await Promise.all((await table(page, by).locator('tbody tr').all()).map(cells));
      const sum = lines.reduce((total, c) => total + nanoseconds(c[3]), 0);
      assert.ok(Math.abs(sum - whole) < lines.length * 0.5e6 + 1e6, `${by}: ${sum} of ${whole}`);
      assert.ok(Math.abs(nanoseconds((await cells(table(page, by).locator('tfoot tr')))[3]) - whole) < 1.5e6, `${by} together`);
    }
    const gains = (await Promise.all((await table(page, 'span or hop').locator('tbody tr').all()).map(cells))).map((c) => Math.abs(nanoseconds(c[3])));
    assert.deepEqual(gains, [...gains].sort((a, b) => b - a), 'the largest first');
    assert.ok((await graph(page).getAttribute('aria-label')).includes(other), 'the graph tells which trace it is');
    await picture(page, 'compare', region(page));
  }, { on: ['fixture'] });

  flow('compare: a press on a difference shows it in both graphs, hover tells both times', async (page) => {
    await openSlow(page);
    await besideFastest(page);
    const before = await graph(page).evaluate((c) => c.toDataURL());
    await table(page, 'span or hop').locator('tbody button').first().click();
    await page.waitForFunction((old) => document.querySelector('[data-testid=throughline-comparison]').toDataURL() !== old, before);
    await table(page, 'span or hop').locator('tr[aria-selected=true]').waitFor();
    const box = await graph(page).boundingBox();
    for (let y = box.height - 20; y > 40 && !(await page.getByRole('tooltip').isVisible()); y -= 6) {
      await page.mouse.move(box.x + box.width * 0.4, box.y + y);
    }
    assert.match(await page.getByTestId('pair').innerText(), /^[\d.]+ \S+, there [\d.]+ \S+, [+−±][\d.]+( \S+)? own time$/);
  }, { on: ['fixture'] });

  flow('compare: by keyboard', async (page) => {
    await page.emulateMedia({ reducedMotion: 'reduce' }); // each key's picture at once
    await openSlow(page);
    await besideFastest(page);
    await graph(page).focus();
    await page.keyboard.press('ArrowDown');
    const live = region(page).locator('.tl-compare-stage [aria-live=polite]');
    await page.waitForFunction((e) => e.textContent !== '', await live.elementHandle());
    const root = await live.innerText();
    assert.match(root, /own time/);
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(([e, old]) => e.textContent !== old, [await live.elementHandle(), root]);
    const picture = () => graph(page).evaluate((c) => c.toDataURL());
    for (const key of ['w', 'd', '0']) {
      const old = await picture();
      await page.keyboard.press(key);
      await page.waitForFunction((was) => document.querySelector('[data-testid=throughline-comparison]').toDataURL() !== was, old);
    }
    await page.keyboard.press('o');
    await drawer(page).waitFor();
  }, { on: ['fixture'] });

  flow('compare: with the usual', async (page) => {
    await openSlow(page);
    await graph(page).waitFor(); // nothing else was chosen
    assert.equal(await page.getByRole('button', { name: 'The usual' }).getAttribute('aria-pressed'), 'true');
    assert.match(await said(page).innerText(), /slower: .*network, wire node\d → node\d/);
    assert.match(await said(page).innerText(), /usually [\d.]+ \S+ by the medians of [\d.]+% of its time/);
    await picture(page, 'compare-usual', region(page));
  }, { on: ['fixture'] });

  flow('compare: an unknown trace is told, the view stays', async (page) => {
    await openFirst(page);
    await answered(page);
    await tab(page, 'Compare').click();
    await page.getByRole('button', { name: 'Another trace' }).click();
    for (const id of ['00000000000000000000000000000001', "x' OR 1=1 --"]) {
      await page.getByLabel('Id of the trace to compare with').fill(id);
      await page.getByRole('button', { name: 'Compare', exact: true }).click();
      await region(page).getByRole('alert').waitFor();
    }
    await besideFastest(page);
  }, { allowed: [/400/], on: ['fixture'] });

  for (const theme of ['dark', 'light']) {
    flow(`axe: compare, ${theme}`, async (page) => {
      await openSlow(page, `&theme=${theme}`);
      await graph(page).waitFor();
      const panel = '[role=region][aria-label=Trace]';
      const found = await findings(page, panel, 'with the usual');
      await besideFastest(page);
      found.push(...(await findings(page, panel, 'with another')));
      await table(page, 'span or hop').locator('tbody button').first().click();
      found.push(...(await findings(page, panel, 'a difference')));
      assert.deepEqual(found, []);
    }, { on: ['fixture'] });
  }

  flow('the toolbar is one line at 1440 px, and nothing of it is cut', async (page) => {
    await page.goto(home());
    await rows(page).first().waitFor();
    await openFirst(page);
    const bar = region(page).locator('.tl-bar');
    const { height, cut } = await bar.evaluate((e) => ({ height: e.clientHeight, cut: [...e.querySelectorAll('button,span')].filter((b) => b.offsetWidth > 0 && b.scrollWidth > b.clientWidth + 1 && e.ownerDocument.defaultView.getComputedStyle(b).display !== 'inline').map((b) => b.textContent) }));
    assert.ok(height <= 42, `${height} px high`);
    assert.deepEqual(cut, []);
  });

  flow('Enter at once after typing in Find goes to the match', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    const hit = spans.find((s) => s.source === 'APP' && s.name === 'OrderService.createOrder') ?? spans.find((s) => s.source === 'APP' && s.depth > 4);
    await page.getByLabel('Find spans').focus();
    await page.keyboard.insertText(hit.name);
    await page.keyboard.press('Enter');
    const first = spans.find((s) => [s.name, s.request].some((text) => String(text ?? '').includes(hit.name)));
    await page.waitForURL(new RegExp(`var-span_id=${first.spanId || first.id}`));
  });

  flow('no name in the hop path leaves its drawing', async (page) => {
    await openFirst(page);
    await tab(page, 'Hop path').click();
    const svg = region(page).locator('.tl-hops-detail svg');
    for (const call of await region(page).locator('.tl-call').all()) {
      await call.click();
      const outside = await svg.evaluate((s) => {
        const box = s.getBoundingClientRect();
        return [...s.querySelectorAll('text')].filter((t) => t.getBoundingClientRect().left < box.left - 1 || t.getBoundingClientRect().right > box.right + 1).map((t) => t.textContent);
      });
      assert.deepEqual(outside, []);
    }
  });
}
