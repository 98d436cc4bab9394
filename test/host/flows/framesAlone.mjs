// The panels where Grafana tells them frames alone: in Explore, which passes no query, and in a
// snapshot, which has no data source.
import assert from 'node:assert/strict';
import { counts, drawer, flame, home, options, params, region, rows, site, tab } from '../dashboard.mjs';
import { openShape, traceOf } from '../shapes.mjs';

const explored = (page) => page.getByTestId('explored');

/** Explore with a trace in our panel. */
async function explore(page, id) {
  const left = JSON.stringify({ datasource: 'throughline', queries: [{ refId: 'A', queryType: 'trace', query: id, view: 'flame' }] });
  await page.goto(`${site.url}/explore?left=${encodeURIComponent(left)}`);
  await explored(page).getByTestId('counts').waitFor();
}

export default function (flow) {
  flow('Explore: a trace is compared with others of its kind', async (page) => {
    await explore(page, traceOf('demoslow'));
    await tab(page, 'Compare').click();
    await page.getByRole('button', { name: 'Another trace' }).click();
    const recent = page.getByLabel('A recent trace of the same request');
    await recent.locator(`option[value="${traceOf('demo')}"]`).waitFor({ state: 'attached' });
    await recent.selectOption(traceOf('demo'));
    await page.getByTestId('throughline-comparison').waitFor();
    assert.match(await page.getByTestId('compared').innerText(), /^900 ms slower/);
  });

  flow('Explore: a trace is coloured by an attribute, and its spans have details', async (page) => {
    await explore(page, traceOf('demofail'));
    await page.getByRole('button', { name: 'View ▾' }).click();
    const by = page.getByLabel('Colour by');
    await by.locator('option', { hasText: 'rpc.system' }).first().waitFor({ state: 'attached' });
    await by.selectOption({ label: 'rpc.system' });
    await region(page).getByRole('button', { name: /^grpc/ }).first().waitFor();
    await page.keyboard.press('Escape');
    await region(page).getByTestId('errors').click();
    await drawer(page).getByTestId('exception').waitFor();
  });

  flow('a colour by attribute is asked for once, not at every refresh', async (page) => {
    await openShape(page, 'demo');
    const asked = [];
    page.on('request', (r) => /\/resources\/attributes\/.*key=/.test(r.url()) && asked.push(r.url()));
    await page.getByRole('button', { name: 'View ▾' }).click();
    const by = page.getByLabel('Colour by');
    await by.locator('option', { hasText: 'rpc.system' }).first().waitFor({ state: 'attached' });
    await by.selectOption({ label: 'rpc.system' });
    const grpc = region(page).getByRole('button', { name: /^grpc/ }).first();
    await grpc.waitFor();
    await page.keyboard.press('Escape');
    // The list is answered last; until then the button cancels.
    const list = (r) => r.url().includes('/api/ds/query') && r.request().postData().includes('"search"');
    await rows(page).first().waitFor();
    for (let k = 0; k < 3; k++) {
      await Promise.all([page.waitForResponse(list), page.getByTestId('data-testid RefreshPicker run button').click()]);
      await rows(page).first().waitFor();
      await grpc.waitFor();
    }
    assert.equal(asked.length, 1, asked.join('\n'));
  });

  flow('a snapshot shows what it holds, and says what cannot be shown', async (page) => {
    await page.goto(home());
    await rows(page).first().locator('a').first().click();
    await counts(page).filter({ hasText: options.expect }).waitFor();
    const shown = params(page).get('var-trace_id');
    const apiCalls = [];
    page.on('request', (r) => /\/api\/(ds|datasources)\//.test(r.url()) && apiCalls.push(`${r.method()} ${new URL(r.url()).pathname}`));
    const list = page.getByRole('region', { name: 'List of requests' });
    await list.hover();
    await page.getByTestId('data-testid Panel menu Requests').click();
    apiCalls.length = 0;
    await page.getByRole('menuitem', { name: 'Share snapshot' }).click();
    await page.waitForURL(/\/dashboard\/snapshot\//);
    await counts(page).filter({ hasText: options.expect }).waitFor();
    await flame(page).waitFor();
    await region(page).getByRole('note').filter({ hasText: 'This trace alone was kept' }).waitFor();
    await list.getByRole('note').filter({ hasText: 'the rows alone were kept' }).waitFor();
    // A row that leads nowhere is no link, and a press changes nothing.
    const other = page.locator(`[role=row][data-trace]:not([data-trace="${shown}"])`).first();
    assert.equal(await other.locator('a').count(), 0);
    await other.click();
    assert.notEqual(params(page).get('var-trace_id'), await other.getAttribute('data-trace'));
    await page.locator(`[role=row][data-trace="${shown}"][aria-selected=true]`).waitFor();
    // A span has what its bar says; nobody is asked for the rest.
    await page.getByRole('tab', { name: 'Waterfall' }).click();
    await page.getByRole('treegrid').getByText('register-2').first().click();
    await drawer(page).waitFor();
    await tab(page, 'Compare').click();
    await page.getByRole('button', { name: 'Another trace' }).click();
    await page.getByText('No second trace').waitFor();
    assert.deepEqual(apiCalls.filter((c) => !/dashboards/.test(c)), []);
  });
}
