// Alike spans in one bar, and traces that are laid out beside the page. The reference trace
// gets a loop of queries, as the data source would answer it.
import assert from 'node:assert/strict';
import { addRow, changeTraces, counts, drawer, flame, openFirst, pressTool, region, spoken, tab } from '../dashboard.mjs';

/** Traces have a loop of so many queries more, under their longest code span. */
async function withLoop(page, queries, nameOf = (k) => `SELECT cart_item_${k}`) {
  await page.route('**/resources/span/00000000a*', (route) => route.fulfill({ json: {} })); // the store has none of them
  await changeTraces(page, (column) => {
    const code = column.source.map((s, i) => (s === 'APP' ? i : -1)).filter((i) => i >= 0);
    const parent = code.reduce((best, i) => (column.duration[i] > column.duration[best] ? i : best));
    const step = Math.floor(column.duration[parent] / (queries + 1));
    for (let k = 0; k < queries; k++) {
      addRow(column, {
        id: (0xa0000000 + k).toString(16).padStart(16, '0'), parentIdx: parent, source: 'APP', point: 'app', kind: 'INTERNAL', service: column.service[parent],
        name: nameOf(k), offset: column.offset[parent] + k * step, duration: Math.max(1, Math.floor(step / 2)), node: column.node[parent], confidence: 'proven', error: k === 3 ? 1 : 0,
      });
    }
  });
}

const note = (page) => region(page).getByText(/spans in \d+ bars/);
const inGroup = (page) => drawer(page).getByTestId('alike');

export default function (flow) {
  flow('folding: a loop of 40 queries is one bar, opened and closed by keyboard', async (page) => {
    await withLoop(page, 40);
    await openFirst(page);
    await counts(page).filter({ hasText: '140 spans' }).waitFor();
    await pressTool(page, 'Alike');
    await note(page).filter({ hasText: '140 spans in 101 bars' }).waitFor();
    await page.getByLabel('Find spans').fill('cart_item_7');
    await page.getByLabel('Find spans').press('Enter');
    await region(page).getByText('1 / 1', { exact: true }).waitFor();
    await inGroup(page).getByText('One of 40 alike: SELECT cart_item_#').waitFor();
    assert.match(await spoken(page).innerText(), /^40 alike code spans SELECT cart_item_#, of .*1 failed, at most 1 at once/);
    await flame(page).focus();
    await page.keyboard.press('Enter');
    await note(page).filter({ hasText: '140 spans in 141 bars' }).waitFor(); // 40 more and the heading stays
    assert.match(await spoken(page).innerText(), /^code span SELECT cart_item_7,/);
    await page.keyboard.press('ArrowRight');
    assert.match(await spoken(page).innerText(), /^code span SELECT cart_item_8,/);
    await page.keyboard.press('Enter');
    await note(page).filter({ hasText: '140 spans in 101 bars' }).waitFor();
  });

  flow('folding: names that differ by hexadecimal ids are alike', async (page) => {
    await withLoop(page, 40, (k) => `fetch ${(0x9f3a + k * 7919).toString(16)}`);
    await openFirst(page);
    await pressTool(page, 'Alike');
    await note(page).filter({ hasText: '140 spans in 101 bars' }).waitFor();
  });

  flow('folding: the waterfall has the group as a row that opens', async (page) => {
    await withLoop(page, 40);
    await openFirst(page);
    await pressTool(page, 'Alike');
    await tab(page, 'Waterfall').click();
    const grid = page.getByRole('treegrid', { name: 'Spans' });
    assert.equal(await grid.getAttribute('aria-rowcount'), '102');
    const row = grid.getByRole('row').filter({ hasText: '×40 SELECT cart_item_#' });
    await page.getByLabel('Spans, arrow keys move').evaluate((e) => e.scrollBy(0, 0));
    for (let y = 0; (await row.count()) === 0 && y < 3000; y += 300) {
      await page.getByLabel('Spans, arrow keys move').evaluate((e, top) => (e.scrollTop = top), y);
      await page.waitForTimeout(50); // a frame: only rows in view are in the page
    }
    await row.getByRole('button', { name: 'Open' }).click();
    await row.getByRole('button', { name: 'Close' }).waitFor();
    assert.equal(await grid.getAttribute('aria-rowcount'), '142');
  });

  flow('folding: is not offered where nothing is alike', async (page) => {
    await openFirst(page);
    assert.equal(await page.getByRole('button', { name: 'Alike', exact: true }).count(), 0);
  });

  flow('folding: a large trace is folded by itself, and laid out by a worker', async (page) => {
    await withLoop(page, 25_000);
    await openFirst(page);
    await note(page).filter({ hasText: '25,100 spans in 101 bars' }).waitFor();
    assert.equal(page.workers().length, 1);
    await pressTool(page, 'Texture');
    await region(page).getByText('drawn as texture').waitFor();
  });

  flow(
    'folding: a large trace is laid out on the page where the worker cannot be had',
    async (page) => {
      await withLoop(page, 25_000);
      await page.addInitScript(() => {
        window.Worker = class {
          constructor() {
            throw new Error('forbidden by a policy');
          }
        };
      });
      await openFirst(page);
      await note(page).filter({ hasText: '25,100 spans in 101 bars' }).waitFor();
    }
  );

  flow(
    'folding: the file of the worker is missing, and the page lays out',
    async (page) => {
      await withLoop(page, 25_000);
      await page.route(/plugins\/throughline-panel\/\d+\.js/, (route) => route.fulfill({ status: 404, body: '' }));
      await openFirst(page);
      await note(page).filter({ hasText: '25,100 spans in 101 bars' }).waitFor();
    },
    { allowed: [/404/] }
  );
}
