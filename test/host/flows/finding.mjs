// Finding a trace that OpenTelemetry alone has sent: by any of its spans and whatever is
// stored of them, and by ids as other tools write them.
import assert from 'node:assert/strict';
import { counts, dashboard, drawer, lastSearch, params, region, site } from '../dashboard.mjs';
import { openShop } from '../shapes.mjs';

const list = (page) => page.getByRole('region', { name: 'List of requests', exact: true });
const failed = () => site.fixture.shapes.demofail[0];
const search = (page, filter) => page.goto(`${dashboard()}?var-namespace=$__all&var-filters=${encodeURIComponent(filter)}`);
const rowOf = (page, trace) => list(page).locator(`[data-trace="${trace}"]`);

export default function (flow) {
  // The load generator's root says nothing of its status: what failed lies eight services below.
  for (const filter of [
    'status|=|error', 'service|=|payment', 'http.response.status_code|>=|500', 'status_message|=|*invalid token*', 'exception.type|=~|.*IllegalStateException',
    'app.loyalty.level|=|gold', 'k8s.pod.name|=|payment-7d9f8b6c5-x2k9q', 'event|=|exception',
  ]) {
    flow(`the failed checkout is found by ${filter.replaceAll('|', ' ')}`, async (page) => {
      await search(page, filter);
      const row = rowOf(page, failed());
      await row.waitFor();
      assert.match(await row.innerText(), /load-generator/, 'the row is the trace, by its root');
      assert.equal(lastSearch(page).scope, 'roots');
    });
  }

  flow('an ad-hoc filter finds the traces of a service that is no root', async (page) => {
    await page.goto(`${dashboard()}?var-namespace=webshop&var-filters=${encodeURIComponent('service|=|svc-order')}`);
    await list(page).locator('[data-trace]').first().waitFor();
    assert.equal(lastSearch(page).filters[0].value, 'svc-order');
  });

  flow('a trace whose root is not stored is listed by what is there', async (page) => {
    await openShop(page, '&from=now-6h&to=now');
    const row = rowOf(page, site.fixture.shapes.orphans[0]);
    await row.waitFor();
    assert.match(await row.innerText(), /checkout[^]*PlaceOrder/);
  });

  flow('a list of values, as variables write them, finds what has any of them', async (page) => {
    await page.goto(`${dashboard()}?var-namespace=webshop&var-request_resource=${encodeURIComponent('{*no such request*,*full*}')}`);
    await list(page).locator('[data-trace]').first().waitFor();
    assert.equal(lastSearch(page).requestResource, '{*no such request*,*full*}');
  });

  flow('what says nothing of its status is not unknown, and a row counts the errors of its trace', async (page) => {
    await openShop(page, '&from=now-6h&to=now');
    const frames = (await Promise.all(page.answers)).flatMap((a) => Object.values(a?.results ?? {}).flatMap((r) => r.frames ?? []));
    const { schema, data } = frames.findLast((f) => f.schema.meta?.custom?.throughline === 'requests');
    const column = (name) => data.values[schema.fields.findIndex((f) => f.name === name)];
    assert.deepEqual(column('status').filter((status) => status === 'unknown'), []);
    assert.ok(column('errors')[column('trace').indexOf(failed())] > 0, 'errors of the failed checkout');
  });

  flow('from the row of a failed checkout to its exception in two clicks', async (page) => {
    await search(page, 'status|=|error');
    const row = rowOf(page, failed());
    await row.getByText('payment').first().waitFor(); // what matched: where the failure began
    await row.locator('a').first().click();
    await counts(page).waitFor();
    await page.waitForURL(/var-span_id=[0-9a-f]{16}/);
    await drawer(page).getByText(/exception/i).first().waitFor();
  });

  flow('a list that is empty says which filter finds nothing', async (page) => {
    await search(page, 'no.such.key|=|1');
    await list(page).getByText('no attribute no.such.key is stored').waitFor();
    await search(page, 'service|=|nobody');
    await list(page).getByText('no span of that time has service=nobody').waitFor();
  });

  flow('a trace is found by its id in every spelling', async (page) => {
    const id = failed();
    const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    for (const text of [id.toUpperCase(), ` ${id} `, `0x${id}`, uuid, `00-${id}-00f067aa0ba902b7-01`]) {
      await page.goto(`${dashboard()}?var-namespace=$__all&var-trace_id=${encodeURIComponent(text)}`);
      await counts(page).waitFor();
    }
  });

  flow('an OpenTelemetry span id opens its trace, and is what the address shows', async (page) => {
    await search(page, 'status|=|error');
    await rowOf(page, failed()).locator('a').first().click();
    await page.waitForURL(/var-span_id=[0-9a-f]{16}/);
    const span = params(page).get('var-span_id');
    await page.goto(`${dashboard()}?var-namespace=$__all&var-span_id=${span.toUpperCase()}`);
    await counts(page).waitFor();
    await region(page).getByText('payment').first().waitFor({ state: 'attached' });
    await drawer(page).getByText(span).first().waitFor();
  });
}
