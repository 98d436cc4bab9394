// The flame graph under the pointer.
import assert from 'node:assert/strict';
import { ALSO_LIVE, counts, home, hoverBar, openFirst, options, params, pixels } from '../dashboard.mjs';

export default function (flow) {
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
  }, ALSO_LIVE);

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
    await page.goto(`${home()}&var-span_id=${id}`);
    await counts(page).filter({ hasText: options.expect }).waitFor();
  });
}
