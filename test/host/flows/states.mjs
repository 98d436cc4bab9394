// What the panel says where it has no trace to draw.
import assert from 'node:assert/strict';
import { counts, flame, home, openFirst, options, params, region, rows, site } from '../dashboard.mjs';
import { findings } from './accessibility.mjs';

const ID = 'Trace id';

/** The dashboard without the variables of the trace, and with another question in the trace's panel. */
async function withoutVariable(page, query) {
  await page.route('**/api/dashboards/uid/*', async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    const { templating, panels } = answer.dashboard;
    templating.list = templating.list.filter((v) => !['trace_id', 'span_id'].includes(v.name));
    const panel = panels.find((p) => p.type === 'throughline-panel');
    panel.targets = [{ refId: 'A', datasource: panel.datasource, ...query }];
    answer.dashboard.panels = [{ ...panel, gridPos: { x: 0, y: 0, w: 24, h: 20 } }];
    await route.fulfill({ response, json: answer });
  });
}

/** The id of a stored trace. */
async function storedId(page) {
  await openFirst(page);
  return params(page).get('var-trace_id');
}

/** How far down the page an element ends. */
const bottom = async (locator) => {
  const { y, height } = await locator.boundingBox();
  return y + height;
};

export default function (flow) {
  flow('states: that no trace is selected is read without scrolling, and an id can be put in', async (page) => {
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.goto(home());
    await region(page).getByRole('heading', { name: 'No trace selected' }).waitFor();
    const below = 100; // what Grafana's own bars take more than those of the test page
    assert.ok((await bottom(region(page).getByRole('heading', { name: 'No trace selected' }))) < 720 - below);
    assert.ok((await bottom(region(page).getByLabel(ID))) < 720 - below);
  });

  for (const [what, query, words] of [
    ['a list of requests', { queryType: 'search', scope: 'auto', limit: 20 }, /^The query answered \d+ rows? of .* and \d+ more\. That is a list of requests/],
    ['a graph', { queryType: 'metrics', metric: 'rate', format: 'timeseries' }, /^The query answered \d+ rows? of .*\. Choose the data source Throughline/],
    ['Grafana’s own form of a trace', { queryType: 'trace', view: 'trace' }, /^The query answered 100 rows of traceID, .* and \d+ more\. That is a trace in Grafana’s own form/],
  ]) {
    flow(`states: of ${what} the panel says what it got, and opens a trace by its id all the same`, async (page) => {
      const id = await storedId(page);
      await withoutVariable(page, query.queryType === 'trace' ? { ...query, query: id } : query);
      await page.goto(home());
      const alert = region(page).getByRole('alert');
      await alert.getByRole('heading', { name: 'These data are no trace of Throughline' }).waitFor();
      assert.match((await alert.locator(':scope > div').allInnerTexts()).join(' '), words);
      assert.deepEqual(await findings(page, '[role=region][aria-label=Trace]', what), []);
      await region(page).getByLabel(ID).fill(id);
      await region(page).getByRole('button', { name: 'Open', exact: true }).click();
      await counts(page).filter({ hasText: options.expect }).waitFor();
    });
  }

  flow('states: a trace whose query is cancelled says so, and is asked for again', async (page) => {
    const held = [];
    let holds = true;
    await page.route('**/api/ds/query*', async (route) => {
      if (holds && route.request().postData().includes('"queryType":"trace"')) {
        held.push(route); // until the page takes the question back
      } else {
        await route.continue();
      }
    });
    await page.goto(home());
    await rows(page).first().locator('a').first().click();
    for (let k = 0; held.length === 0 && k < 100; k++) {
      await page.waitForTimeout(50); // it is on its way
    }
    await page.getByTestId('data-testid RefreshPicker run button').click(); // which cancels while something is read
    await region(page).getByRole('alert').filter({ hasText: 'The trace was not read' }).waitFor();
    holds = false;
    await region(page).getByRole('button', { name: 'Try again' }).click();
    await flame(page).waitFor();
  });

  // On pages of ours: Grafana's own dashboards leave it blank.
  flow('states: a panel whose first query is cancelled is not blank', async (page) => {
    const id = await storedId(page);
    let asked = 0;
    await page.route('**/api/ds/query*', (route) => (route.request().postData().includes('"queryType":"trace"') ? void asked++ : route.continue())); // it has no answer
    await page.goto(`${site.url}/a/throughline-app/traces?var-namespace=${options.namespace}&var-trace_id=${id}`);
    for (let k = 0; asked === 0 && k < 100; k++) {
      await page.waitForTimeout(50); // it is on its way
    }
    await page.getByTestId('data-testid RefreshPicker run button').click();
    await region(page).getByRole('alert').filter({ hasText: 'The trace was not read' }).waitFor();
    await page.unrouteAll();
    await region(page).getByRole('button', { name: 'Try again' }).click();
    await flame(page).waitFor();
  });

  flow('states: without a variable the panel asks for the trace itself, and the address keeps it', async (page) => {
    const id = await storedId(page);
    await withoutVariable(page, { queryType: 'trace', query: '' });
    await page.goto(home());
    await region(page).getByRole('heading', { name: 'No trace selected' }).waitFor();
    await region(page).getByLabel(ID).fill(id);
    await page.keyboard.press('Enter');
    await counts(page).filter({ hasText: options.expect }).waitFor();
    await page.reload();
    await counts(page).filter({ hasText: options.expect }).waitFor();
    await page.goBack();
    await region(page).getByRole('heading', { name: 'No trace selected' }).waitFor();
    await page.goForward();
    await flame(page).waitFor();
    const missing = '0123456789abcdef0123456789abcdef';
    await page.goto(`${page.url().replace(id, missing)}`);
    await region(page).getByRole('heading', { name: 'No spans of this trace' }).waitFor();
    await region(page).getByText(missing).waitFor();
    await region(page).getByLabel(ID).fill('xyz');
    await page.keyboard.press('Enter');
    await region(page).getByRole('alert').filter({ hasText: /is no id of a trace/ }).waitFor();
    assert.ok(site.url);
  }, { allowed: [/\b400\b/] });
}
