// The app's page, the data source's settings, and what Explore gets.
import assert from 'node:assert/strict';
import { counts, home, lastSearch, options, params, rows, site } from '../dashboard.mjs';

export default function (flow) {
  flow("the app's first page is the same dashboard", async (page) => {
    await page.goto(`${site.url}/a/throughline-app/traces?var-namespace=${options.namespace}`);
    await rows(page).first().locator('a').first().click();
    await counts(page).filter({ hasText: options.expect }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/a/throughline-app/traces');
  });

  flow('the data source says how it is', async (page) => {
    await page.goto(`${site.url}/connections/datasources/edit/throughline`);
    await page.getByLabel('URL', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByTestId('health').filter({ hasText: 'Connected to' }).waitFor();
  });

  flow("Explore gets Grafana's own trace frame beside ours", async (page) => {
    await page.goto(home());
    await rows(page).first().waitFor();
    await rows(page).first().locator('a').first().click();
    await page.waitForURL(/var-trace_id=[0-9a-f]+/);
    const id = params(page).get('var-trace_id');
    await page.goto(`${site.url}/explore?ds=throughline`);
    await page.getByRole('radio', { name: 'Trace', exact: true }).check();
    await page.getByPlaceholder('4bf92f3577b34da6a3ce929d0e0e4736').fill(id);
    await page.getByRole('radio', { name: 'Both' }).check();
    await page.getByRole('button', { name: 'Run query' }).click();
    const frames = page.getByTestId('frames').filter({ hasText: /traceID spanID parentSpanID/ });
    await frames.waitFor();
    assert.match(await frames.innerText(), /parentIdx/);
  });

  flow('the query editor is filled by keyboard, and suggests what is stored', async (page) => {
    await page.goto(`${site.url}/explore?ds=throughline`);
    await page.getByRole('radio', { name: 'Search', exact: true }).waitFor();
    const service = page.getByRole('combobox', { name: 'Service', exact: true });
    await service.focus();
    await page.keyboard.type('svc-or');
    const option = page.getByRole('option', { name: 'svc-order', exact: true });
    await option.waitFor();
    for (let k = 0; k < 5 && (await service.getAttribute('aria-activedescendant')) !== (await option.getAttribute('id')); k++) {
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
    await option.waitFor({ state: 'detached' });
    assert.equal(await service.inputValue(), 'svc-order');
    await page.getByRole('button', { name: 'Run query' }).focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('frames').filter({ hasText: /[1-9]\d* rows/ }).waitFor();
    assert.equal(lastSearch(page).service, 'svc-order');
  });
}
