// Finding inside a trace: by whatever is stored of a span, in the words of a search.
import assert from 'node:assert/strict';
import { drawer, params, region, tab } from '../dashboard.mjs';
import { apiTrace, openShape, traceOf } from '../shapes.mjs';
import { findings } from './accessibility.mjs';

const box = (page) => page.getByLabel('Find spans');
const count = (page) => region(page).locator('.tl-find [aria-live=polite]');
const offers = (page) => page.getByRole('listbox');
const pill = (page, name) => region(page).getByRole('button', { name });
const isCount = (page, text) => count(page).getByText(text, { exact: true }).waitFor();

/** How many spans a shape has. */
const total = async (shape) => (await apiTrace(traceOf(shape))).counts.total;

/** What the page has asked the data source to find. */
function asked(page) {
  const filters = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/\/resources\/find\/[0-9a-f]+$/.test(url.pathname)) {
      filters.push(url.searchParams.get('filter'));
    }
  });
  return filters;
}

export default function (flow) {
  // One span of the failed checkout has each of them: payment's charge.
  for (const [what, query] of [
    ['an attribute', 'app.loyalty.level=gold'],
    ['a number', 'app.payment.amount>=1290'],
    ['an attribute of its resource', 'service.name=payment name=charge'],
    ['a regular expression over its resource', 'k8s.pod.name=~payment-.* name=charge'],
    ['the type of an exception', 'exception.type=~.*IllegalStateException error service=payment'],
    ['the name of an event', 'event=exception name=charge'],
    ['a text in any value', '1290.5'],
    ['a text in any value, beside what the frame has', 'gold service=payment >0ms'],
  ]) {
    flow(`find: a span by ${what}`, async (page) => {
      await openShape(page, 'demofail');
      const n = await total('demofail');
      await box(page).fill(query);
      await isCount(page, `1 of ${n}`);
      await box(page).press('Enter');
      await isCount(page, '1 / 1');
      await drawer(page).getByText('app.loyalty.level').waitFor();
    });
  }

  flow('find: what an attribute is not, stepped through by N', async (page) => {
    await openShape(page, 'demofail');
    const n = await total('demofail');
    await box(page).fill('app.loyalty.level!=gold');
    await isCount(page, `${n - 1} of ${n}`);
    await box(page).fill('');
    await box(page).fill('service.namespace=* kind=SERVER');
    // Not the count of what was looked for before, which is there until this one is.
    await page.waitForFunction((before) => {
      const now = document.querySelector('.tl-find [aria-live=polite]').textContent;
      return /^[1-9]\d* of/.test(now) && now !== before;
    }, `${n - 1} of ${n}`);
    const found = Number((await count(page).innerText()).split(' ')[0]);
    await tab(page, 'Waterfall').click();
    await page.getByRole('treegrid', { name: 'Spans' }).focus();
    const ids = new Set();
    for (let k = 1, before = ''; k <= found; k++) {
      await page.keyboard.press('n');
      await isCount(page, `${k} / ${found}`);
      await page.waitForURL((url) => ![null, '', before].includes(url.searchParams.get('var-span_id')));
      ids.add((before = params(page).get('var-span_id')));
    }
    assert.equal(ids.size, found, 'each match is selected once');
    await page.keyboard.press('Shift+N');
    await isCount(page, `${found - 1} / ${found}`);
  });

  flow('find: only what an attribute finds is shown, with what is above it', async (page) => {
    await openShape(page, 'demofail');
    await tab(page, 'Waterfall').click();
    await box(page).fill('app.loyalty.level=gold');
    await count(page).getByText(/^1 of/).waitFor();
    await region(page).getByRole('button', { name: 'Matches only' }).click();
    const { spans } = await apiTrace(traceOf('demofail'));
    const rows = () => page.getByRole('treegrid', { name: 'Spans' }).getAttribute('aria-rowcount').then((n) => Number(n) - 1);
    await page.waitForFunction((all) => Number(document.querySelector('[role=treegrid][aria-label=Spans]').getAttribute('aria-rowcount')) - 1 < all, spans.length);
    let above = 0;
    for (let at = spans.find((s) => s.name === 'charge'); at; at = spans.find((s) => s.id === at.parent)) {
      above++;
    }
    assert.equal(await rows(), above);
  });

  flow('find: what is wrong with an expression is said', async (page) => {
    await openShape(page, 'demofail');
    await box(page).fill('app.loyalty.level=~[g');
    await page.getByTestId('find-problem').getByText(/missing closing/).waitFor();
    await box(page).fill('app.loyalty.level=~g.*');
    await count(page).getByText(/^1 of/).waitFor();
    assert.equal(await page.getByTestId('find-problem').count(), 0);
  }, { allowed: [/400/] });

  flow('find: the data source is asked when the typing pauses, not for each letter', async (page) => {
    await openShape(page, 'demofail');
    const filters = asked(page);
    await page.clock.install(); // on a busy machine there is a pause behind each letter
    await page.clock.pauseAt(Date.now() + 1000);
    await box(page).pressSequentially('app.loyalty.level=gold');
    assert.deepEqual(filters, []);
    await page.clock.resume();
    await count(page).getByText(/^1 of/).waitFor();
    assert.deepEqual(filters, ['app.loyalty.level=gold']);
    await box(page).pressSequentially(' service=payment');
    await count(page).getByText(/^1 of/).waitFor();
    assert.equal(filters.at(-1), 'app.loyalty.level=gold', 'what the frame has is not asked for');
  });

  flow('find: keys and values of the trace are offered, by keyboard alone', async (page) => {
    await openShape(page, 'demofail');
    await page.getByTestId('throughline-flame').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('loyal');
    await offers(page).getByRole('option', { name: /^app\.loyalty\.level/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    const active = await box(page).getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`[id="${active}"]`).getAttribute('aria-selected'), 'true');
    await page.keyboard.press('Enter');
    await offers(page).getByRole('option', { name: /^=~.*regular expression/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await offers(page).getByRole('option', { name: /^gold/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal(await box(page).inputValue(), 'app.loyalty.level=gold ');
    await count(page).getByText(/^1 of/).waitFor();
    assert.equal(await offers(page).count(), 0, 'the list is closed');
    await page.keyboard.press('Enter');
    await isCount(page, '1 / 1');
    await page.keyboard.type('kin');
    await offers(page).waitFor();
    await page.keyboard.press('Escape');
    await offers(page).waitFor({ state: 'detached' });
    assert.notEqual(await box(page).inputValue(), '', 'Esc closes the list first');
    await page.keyboard.press('Escape');
    assert.equal(await box(page).inputValue(), '');
  });

  flow('find: pills count errors and slow spans, and are kept in the address', async (page) => {
    await openShape(page, 'demofail');
    const n = await total('demofail');
    const errors = pill(page, /^Errors \d/);
    const failed = Number(/\d+/.exec(await errors.innerText())[0]);
    assert.equal(await errors.getAttribute('aria-pressed'), 'false');
    await errors.click();
    await isCount(page, `${failed} of ${n}`);
    assert.equal(await box(page).inputValue(), 'error');
    await page.waitForURL(/find%3Aerror|find:error/);
    await page.reload();
    await pill(page, /^Errors \d/).waitFor();
    assert.equal(await pill(page, /^Errors \d/).getAttribute('aria-pressed'), 'true');
    await isCount(page, `${failed} of ${n}`);
    await pill(page, /^Errors \d/).click();
    assert.equal(await box(page).inputValue(), '');
    const slow = pill(page, /^Slow \d/);
    await slow.click();
    const m = Number(/\d+/.exec(await slow.innerText())[0]);
    await isCount(page, `${m} of ${n}`);
    assert.match(await slow.getAttribute('title'), /hold more than half of the time/);
    await page.waitForFunction(() => !/find(%3A|:)error/.test(window.location.search));
  });

  for (const theme of ['dark', 'light']) {
    flow(`axe: what Find offers, ${theme}`, async (page) => {
      await openShape(page, 'demofail', { search: `&theme=${theme}` });
      const found = [];
      for (const typed of ['app', 'kind', 'kind=', 'app.loyalty.level=']) {
        await box(page).fill(typed);
        await offers(page).getByRole('option').first().waitFor();
        await page.keyboard.press('ArrowDown');
        found.push(...(await findings(page, '.tl-offers', `offers to ${typed}`)), ...(await findings(page, '[role=region][aria-label=Trace]', `Find with ${typed}`)));
      }
      await box(page).fill('error');
      await page.keyboard.press('Escape');
      found.push(...(await findings(page, '[role=region][aria-label=Trace]', 'a pill that is pressed')));
      assert.deepEqual(found, []);
    });
  }
}
