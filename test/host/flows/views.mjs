// Each view of a trace says the same as the data source.
import assert from 'node:assert/strict';
import { ALSO_LIVE, answered, drawer, openFirst, picture, region, selectSpan, tab } from '../dashboard.mjs';

const cells = (row) => row.locator('td').allInnerTexts();

export default function (flow) {
  flow('the waterfall has every span, with its hops opened', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    await tab(page, 'Waterfall').click();
    const grid = page.getByRole('treegrid', { name: 'Spans' });
    const folded = page.getByRole('button', { name: 'Show each hop' });
    const box = page.getByLabel('Spans, arrow keys move');
    const count = async () => Number(await grid.getAttribute('aria-rowcount'));
    for (let guard = 0; guard < 200 && (await count()) < spans.length + 1; guard++) {
      if ((await folded.count()) > 0) {
        await folded.first().click();
        continue;
      }
      // Only rows in view are in the page: on, and again from the top.
      await box.evaluate((e) => {
        e.scrollTop = e.scrollTop + e.clientHeight >= e.scrollHeight - 1 ? 0 : e.scrollTop + 400;
        return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      });
    }
    assert.equal(await count(), spans.length + 1);
  }, ALSO_LIVE);

  flow('the services add up to the trace', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    await tab(page, 'Services').click();
    const table = page.getByRole('table', { name: 'Services' });
    const lines = await Promise.all((await table.locator('tbody tr').all()).map(cells));
    const counts = lines.map((c) => c.find((x) => / \/ /.test(x) && /^[\d /]+$/.test(x)).split('/').map(Number));
    const sum = counts.reduce((a, b) => a.map((n, k) => n + b[k]), [0, 0, 0]);
    assert.deepEqual(sum, ['APP', 'SYS', 'NET'].map((s) => spans.filter((x) => x.source === s).length));
    const shares = lines.map((c) => /(?:(<)?([\d.]+)%)/.exec(c[1])).map((m) => (m[1] ? 0 : Number(m[2])));
    assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 100) < 1, `shares ${shares}`);
    await table.getByRole('button', { name: /svc-order/ }).click();
    await table.locator('tr[aria-selected=true]').filter({ hasText: 'svc-order' }).waitFor();
  }, ALSO_LIVE);

  flow('the hop path tells nodes, points and the tunnel', async (page) => {
    await openFirst(page);
    await tab(page, 'Hop path').click();
    const call = page.getByRole('button', { name: /loadgenerator → web-shop/ });
    await call.click();
    assert.equal(await call.getAttribute('aria-current'), 'true');
    await page.getByText('HTTP GET /full-test, 6 observation points, IPIP between nodes').waitFor();
    const drawing = await region(page).getByRole('tabpanel').innerText();
    for (const word of ['c-p', 'c-nd', 's-nd', 's-p', 'node0', 'node1', 'wire, IPIP', 'kernel']) {
      assert.ok(drawing.includes(word), `${word} in the hop path`);
    }
    await page.getByRole('button', { name: /svc-order → svc-stock/ }).click();
    await page.getByText('4 observation points, same node').waitFor();
  }, ALSO_LIVE);

  flow('the JSON is the trace', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    await tab(page, 'JSON').click();
    const shown = JSON.parse(await page.getByLabel('The trace as JSON').innerText());
    assert.deepEqual(
      shown.spans.map((s) => [s.id, s.parent]),
      spans.map((s) => [s.id, s.parentIdx < 0 ? null : spans[s.parentIdx].id])
    );
  }, ALSO_LIVE);

  flow('the drawer says why this parent, for a proven and for an inferred link', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    const link = drawer(page).getByTestId('link');
    const parent = (s) => spans[s.parentIdx];
    const proven = spans.find((s) => s.source === 'NET' && s.confidence === 'proven');
    await selectSpan(page, proven.id);
    assert.match(await link.innerText(), /proven/);
    assert.ok((await link.innerText()).includes(proven.rule), proven.rule);
    for (const [, value] of proven.reason.matchAll(/\w=([^\s,;]+)/g)) {
      assert.ok((await link.innerText()).includes(value), `the value ${value}`);
    }
    await picture(page, 'link-proven', drawer(page));

    const inferred = spans.find((s) => s.confidence === 'inferred');
    await selectSpan(page, inferred.id);
    assert.match(await link.innerText(), /inferred/);
    assert.match(await link.innerText(), /No id travels between the two spans/);
    assert.ok((await link.innerText()).includes(parent(inferred).name), 'its parent');
    await picture(page, 'link-inferred', drawer(page));
    // From the reason to the parent itself.
    await link.getByRole('button').click();
    await page.waitForURL(new RegExp(`var-span_id=${parent(inferred).spanId || parent(inferred).id}`));
  }, ALSO_LIVE);
}
