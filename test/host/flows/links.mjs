// Links between traces, there and back, over a consumer that works off what three producers
// left: two traces of OpenTelemetry alone.
import assert from 'node:assert/strict';
import { answered, drawer, openTrace, params, selectSpan, site } from '../dashboard.mjs';

const linked = (page) => drawer(page).getByTestId('linked');
const words = async (locator) => (await locator.innerText()).replace(/\s+/g, ' ');

export default function (flow) {
  flow('links lead to another trace and back', async (page) => {
    const [consumers, producers] = [site.fixture.shapes.kafka[1], site.fixture.shapes.kafka[0]];
    await openTrace(page, producers);
    const publish = (await answered(page)).find((s) => s.name === 'imports publish');
    await selectSpan(page, publish.id);
    await linked(page).getByText('To this span, from other traces: 2 spans').waitFor();
    const there = linked(page).getByRole('link').first();
    assert.match(await words(there), /^← import-worker imports process starts \+\S+ \w+ 2\.60 s$/);
    assert.ok((await there.getAttribute('href')).includes(`var-trace_id=${consumers}`), 'it can be opened in another tab');
    await there.click();
    await page.waitForURL((url) => url.searchParams.get('var-trace_id') === consumers);
    await drawer(page).getByRole('heading', { name: /imports process/ }).waitFor();

    // At the consumer, each message leads to its producer.
    await linked(page).getByText('7 links from this trace').waitFor();
    const back = linked(page).getByRole('link', { name: new RegExp(producers) }).filter({ hasText: 'messaging.kafka.message.offset' });
    assert.match(await words(back.first()), /messaging\.kafka\.message\.offset 0/);
    await back.first().click();
    await page.waitForURL((url) => url.searchParams.get('var-trace_id') === producers);
    await drawer(page).getByRole('heading', { name: /imports publish/ }).waitFor();

    await page.goBack();
    await drawer(page).getByRole('heading', { name: /imports process/ }).waitFor();
    assert.equal(params(page).get('var-trace_id'), consumers, 'and “back” is the way back');
  });

  flow('the root of a trace tells of all links to it', async (page) => {
    await openTrace(page, site.fixture.shapes.kafka[0]);
    await selectSpan(page, (await answered(page))[0].id);
    await linked(page).getByText('To this trace, from other ones: 6 spans').waitFor();
    assert.equal(await linked(page).getByRole('link').count(), 6);
    assert.match(await words(linked(page).getByRole('link').first()), /^imports publish ← import-worker imports process/);
  });

  flow('a span’s place among those of its kind in the last day is said', async (page) => {
    await openTrace(page, site.fixture.shapes.nplus1[0]);
    await selectSpan(page, (await answered(page)).find((s) => s.name === 'SELECT lines').id);
    assert.match(await words(drawer(page).getByTestId('among-usual')), /^\d+% of \d+ in the last day$/);
  });
}
