// Large traces do not halt the page. Nothing here is timed: an answer of the worker is withheld and
// the page used meanwhile, and what a view draws is counted.
import assert from 'node:assert/strict';
import { changeTraces, counts, flame, home, openFirst, openTrace, params, region, rows, tab } from '../dashboard.mjs';

const graph = (page) => page.getByTestId('throughline-comparison');

/** Traces have each of their spans but the root so many times, hops and all. */
async function manyTimes(page, times) {
  await changeTraces(page, (columns) => {
    const n = columns.id.length;
    for (const [name, values] of Object.entries(columns)) {
      for (let k = 1; k < times; k++) {
        for (let i = 1; i < n; i++) {
          const value = values[i];
          values.push(name === 'parentIdx' && value > 0 ? value + k * (n - 1) : name === 'id' ? (BigInt(`0x${value}`) ^ (BigInt(k) << 48n)).toString(16).padStart(16, '0') : value);
        }
      }
    }
  });
}

/** Questions of this kind wait until they are let go; `window.withheld` has them. */
const withhold = (page, kind) =>
  page.addInitScript((kept) => {
    window.withheld = [];
    window.Worker = class extends window.Worker {
      postMessage(message, ...more) {
        const ask = () => super.postMessage(message, ...more);
        if (message?.question?.kind === kept) {
          window.withheld.push(ask);
        } else {
          ask();
        }
      }
    };
  }, kind);

export default function (flow) {
  flow('large: two traces are compared beside the page, which is used meanwhile', async (page) => {
    await manyTimes(page, 210);
    await withhold(page, 'compare');
    await page.goto(home());
    const [here, there] = await Promise.all([rows(page).nth(0), rows(page).nth(1)].map((row) => row.getAttribute('data-trace')));
    await openTrace(page, here);
    await counts(page).filter({ hasText: '20,791 spans' }).waitFor();
    await tab(page, 'Compare').click();
    await page.getByRole('button', { name: 'Another trace' }).click();
    await page.getByLabel('Id of the trace to compare with').fill(there);
    await page.getByLabel('Id of the trace to compare with').press('Enter');
    await page.waitForFunction(() => window.withheld.length === 1 || document.querySelector('[data-testid=throughline-comparison]'));
    assert.equal(await page.evaluate(() => window.withheld.length), 1, 'the worker is asked, and has not answered');
    await page.getByRole('status').filter({ hasText: 'Comparing' }).waitFor();
    await page.getByLabel('Find spans').fill('svc-stock');
    await region(page).getByText(/^[\d,]+ of 20,791$/).waitFor();
    await tab(page, 'Flame').click();
    await flame(page).press('ArrowDown');
    await page.waitForURL(/var-span_id=[0-9a-f]{16}/);
    await tab(page, 'Compare').click();
    await page.evaluate(() => window.withheld.splice(0).forEach((ask) => ask()));
    await graph(page).waitFor();
    assert.equal(params(page).get('var-trace_id'), here);
  });

  flow('large: the hop path draws no more of a large trace than of a small one', async (page) => {
    const drawn = [];
    for (const times of [42, 252]) {
      await page.unrouteAll();
      await manyTimes(page, times);
      await openFirst(page);
      await counts(page).filter({ hasText: `${(1 + 99 * times).toLocaleString('en')} spans` }).waitFor();
      await tab(page, 'Hop path').click();
      await page.getByRole('img', { name: 'Calls between pods' }).waitFor();
      drawn.push(await region(page).locator('.tl-hops *').count());
    }
    const [small, large] = drawn;
    assert.ok(large < 1.1 * small, `six times as many calls are ${large} elements of the page instead of ${small}`);
  });
}
