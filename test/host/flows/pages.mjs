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

  flow('the settings have room between a field and the next label', async (page) => {
    await page.goto(`${site.url}/connections/datasources/edit/throughline`);
    await page.getByLabel('URL', { exact: true }).waitFor();
    const gaps = await page.evaluate(() => {
      const labels = [...document.querySelectorAll('fieldset label, fieldset legend')].filter((l) => l.getBoundingClientRect().height > 0);
      const controls = [...document.querySelectorAll('input:not([type=radio]):not([type=checkbox]), textarea')].map((c) => c.getBoundingClientRect());
      return labels.flatMap((l) => {
        const { top, left } = l.getBoundingClientRect();
        const above = controls.filter((c) => c.bottom <= top + 1 && top - c.bottom < 60 && c.left <= left + 40);
        return above.length ? [{ label: l.textContent, gap: Math.round(top - Math.max(...above.map((c) => c.bottom))) }] : [];
      });
    });
    assert.ok(gaps.length >= 6, JSON.stringify(gaps));
    assert.deepEqual(gaps.filter(({ gap }) => gap < 8), [], 'labels that stick to the field above');
  });

  flow('Explore shows each answer in the view that is made for it', async (page) => {
    await page.goto(`${site.url}/explore?ds=throughline`);
    const shown = async (radios, view) => {
      for (const name of radios) {
        await page.getByRole('radio', { name, exact: true }).check();
      }
      await page.getByRole('button', { name: 'Run query' }).click();
      await page.getByTestId('frames').filter({ hasText: `shown as ${view}` }).waitFor();
    };
    await shown(['Search'], 'table');
    await shown(['Service map'], 'nodeGraph');
    await shown(['Metrics', 'Time series'], 'graph');
    await shown(['Metrics', 'Heatmap'], 'heatmap');
  });

  flow('Explore: the link to a trace is the first column of what a search found', async (page) => {
    await page.goto(`${site.url}/explore?ds=throughline`);
    await page.getByRole('radio', { name: 'Search', exact: true }).check();
    await page.getByRole('button', { name: 'Run query' }).click();
    await page.getByTestId('frames').filter({ hasText: /requests: [1-9]\d* rows/ }).waitFor();
    const frames = (await Promise.all(page.answers)).flatMap((a) => Object.values(a?.results ?? {}).flatMap((r) => r.frames ?? []));
    const [first] = frames.findLast((f) => f.schema.name === 'requests').schema.fields;
    assert.equal(first.name, 'trace');
    assert.equal(first.config.links.length, 1);
  });

  flow('annotations mark requests of any status, where none is chosen', async (page) => {
    await page.goto(`${site.url}/explore?ds=throughline`);
    const marked = async (query) => {
      const answer = await page.request.post(`${site.url}/api/ds/query`, {
        data: { from: `${Date.now() - 900_000}`, to: `${Date.now()}`, queries: [{ refId: 'A', datasource: { uid: 'throughline', type: 'throughline-datasource' }, queryType: 'annotations', ...query }] },
      });
      const [frame] = Object.values((await answer.json()).results)[0].frames;
      return frame.data.values[0]?.length ?? 0;
    };
    const [any, failed] = [await marked({ namespace: 'webshop' }), await marked({ namespace: 'webshop', status: 'error' })];
    assert.ok(any > failed, `${any} of any status, ${failed} failed`);
  });

  flow('a disabled app is enabled on its page, and every entry of its menu leads to a page', async (page) => {
    const settings = `${site.url}/api/plugins/throughline-app/settings`;
    const menu = page.getByRole('navigation', { name: 'Menu' });
    await page.request.post(settings, { data: { enabled: false } });
    try {
      await page.goto(`${site.url}/`);
      await page.getByRole('link', { name: 'settings' }).waitFor();
      assert.deepEqual(await menu.getByRole('link').allInnerTexts(), [], 'nothing in the menu leads to what is not there');
      await page.getByRole('link', { name: 'explore' }).click(); // the data source works all the same
      await page.getByRole('button', { name: 'Run query' }).click();
      await page.getByTestId('frames').filter({ hasText: /[1-9]\d* rows/ }).waitFor();
      await page.goto(`${site.url}/a/throughline-app`);
      await page.getByRole('button', { name: 'Enable' }).click();
      await page.getByTestId('connected').waitFor();
    } finally {
      await page.request.post(settings, { data: { enabled: true } });
    }
    await page.goto(`${site.url}/`);
    const entries = await menu.getByRole('link').allInnerTexts();
    assert.deepEqual(entries, ['Throughline', 'Traces', 'Distributed Tracing', 'Services', 'Network path']);
    for (const entry of entries) {
      await page.goto(`${site.url}/`);
      await menu.getByRole('link', { name: entry, exact: true }).click();
      await page.getByText('Namespace', { exact: true }).first().waitFor(); // a variable of each
    }
  }, { alone: true });

  flow('below a sub path every link stays below it', async (page) => {
    const url = await site.fixture.serveBelow('/grafana');
    const strays = [];
    page.on('request', (r) => r.url().startsWith(new URL(url).origin) && !r.url().startsWith(`${url}/`) && strays.push(r.url()));
    const hrefs = () => page.locator('a[href]').evaluateAll((all) => all.map((a) => new URL(a.getAttribute('href'), document.baseURI).href));
    const below = async () => assert.deepEqual((await hrefs()).filter((h) => h.startsWith(new URL(url).origin) && !h.startsWith(`${url}/`)), []);
    await page.goto(`${url}/`);
    await below();
    await page.getByRole('link', { name: 'Distributed Tracing', exact: true }).click();
    await rows(page).first().locator('a').first().click();
    await counts(page).filter({ hasText: options.expect }).waitFor();
    await below();
    await page.getByRole('link', { name: 'Services', exact: true }).click();
    await page.waitForURL(/\/grafana\/d\/throughline-services/);
    await page.getByRole('gridcell', { name: 'svc-order' }).first().waitFor();
    await below();
    await page.goto(`${url}/a/throughline-app?var-namespace=${options.namespace}`);
    await page.getByTestId('connected').waitFor();
    await rows(page).first().waitFor();
    await below();
    await rows(page).first().locator('a').first().click();
    await page.waitForURL(/\/grafana\/a\/throughline-app\/traces/);
    await counts(page).filter({ hasText: options.expect }).waitFor();
    await page.goto(`${url}/connections/datasources/edit/throughline`);
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByTestId('health').filter({ hasText: 'Connected to' }).waitFor();
    assert.deepEqual(strays, []);
  }, { alone: true });
}
