// The flame graph under the pointer.
import assert from 'node:assert/strict';
import { ALSO_LIVE, answered, counts, flame, home, hoverBar, openFirst, options, params, pixels, selectSpan, spoken } from '../dashboard.mjs';

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
    await page.mouse.click(at.x, at.y);
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

  flow('E goes through the events of a span, and says each', async (page) => {
    await withEvents(page, 3, [{ t: 1000, name: 'retry', attributes: { attempt: 2 } }, { t: 2000, name: 'gave up' }]);
    await openFirst(page);
    const spans = await answered(page);
    await selectSpan(page, spans[3].id);
    await spoken(page).filter({ hasText: '2 events, E goes to them' }).waitFor({ state: 'attached' });
    await flame(page).focus();
    for (const said of ['event 1 of 2: retry, +1.00 µs after the span’s start, attempt 2', 'event 2 of 2: gave up']) {
      await page.keyboard.press('e');
      await spoken(page).filter({ hasText: said }).waitFor({ state: 'attached' });
    }
    await page.keyboard.press('Shift+E');
    await spoken(page).filter({ hasText: 'event 1 of 2' }).waitFor({ state: 'attached' });
  });
}

/** The answered trace has events at one of its spans: those of the reference have none. */
async function withEvents(page, row, events) {
  await page.route('**/api/ds/query*', async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    for (const { schema, data } of Object.values(body.results ?? {}).flatMap((r) => r.frames ?? [])) {
      const column = schema.fields.findIndex((f) => f.name === 'events');
      if (schema.meta?.custom?.throughline === 'trace') {
        if (column < 0) {
          schema.fields.push({ name: 'events', type: 'string', typeInfo: { frame: 'string' } });
        }
        data.values[column < 0 ? schema.fields.length - 1 : column] = data.values[0].map((_, i) => (i === row ? JSON.stringify(events) : ''));
      }
    }
    await route.fulfill({ response, json: body });
  });
}
