// Wrong and hostile input, and a store that is down: the page says so in words, nothing
// else breaks, and the next query works.
import assert from 'node:assert/strict';
import { counts, dashboard, flame, home, lastSearch, openFirst, options, params, region, rows, site } from '../dashboard.mjs';

const REFUSED = [/\b(400|500|502|503)\b/];
const failure = (page) => page.getByTestId('data-testid Panel status error');
const variable = (page, label) => page.locator('input[type=text], input:not([type])').and(page.getByLabel(label)).first();

/** The list has rows, and a click on one opens the reference trace. */
async function works(page) {
  await rows(page).first().waitFor();
  await rows(page).first().locator('a').first().click();
  await counts(page).filter({ hasText: options.expect }).waitFor();
}

export default function (flow) {
  flow('a trace that is not stored says so', async (page) => {
    const id = '0123456789abcdef0123456789abcdef';
    await page.goto(home(`&var-trace_id=${id}`));
    await region(page).getByText(id).waitFor();
    await region(page).getByText('No spans of this trace').waitFor();
    assert.equal(await region(page).getByText(/wider time range/).count(), 0, 'a trace is found whatever the range');
    await works(page);
  });

  flow(
    'an id that is none says so, whatever it is',
    async (page) => {
      await page.goto(home());
      await rows(page).first().waitFor();
      for (const id of [
        'xyz',
        `' OR '1'='1`,
        `"; DROP TABLE spans; --`,
        `<img src=x onerror="window.hacked=1">`,
        'a'.repeat(5000),
        '0123456789abcdef0123456789abcdeg',
      ]) {
        await variable(page, 'Trace').fill(id);
        await variable(page, 'Trace').press('Enter');
        const alert = region(page).getByRole('alert');
        await alert.filter({ hasText: /is no id of a trace|is longer than/ }).waitFor();
        assert.ok((await alert.innerText()).length < 1000, 'a message one can read');
        assert.ok((await failure(page).count()) > 0, 'the panel frame is marked');
        assert.equal(await page.evaluate(() => window.hacked), undefined);
        await works(page); // on the same page
      }
    },
    { allowed: REFUSED, alone: true }
  );

  flow(
    'Try again in the panel asks again',
    async (page) => {
      await page.route('**/api/ds/query*', (route) =>
        route.request().postData().includes('"queryType":"trace"')
          ? route.fulfill({ status: 502, contentType: 'application/json', body: '{"message":"the store answered garbage"}' })
          : route.continue()
      );
      await page.goto(home());
      await rows(page).first().locator('a').first().click();
      await region(page).getByRole('alert').filter({ hasText: 'the store answered garbage' }).waitFor();
      await page.unrouteAll();
      await region(page).getByRole('button', { name: 'Try again' }).click();
      await flame(page).waitFor({ timeout: 4000 });
    },
    { allowed: REFUSED, alone: true }
  );

  flow('SQL in the request variable is text', async (page) => {
    await page.goto(home());
    for (const text of [`'; DROP TABLE spans; --`, `*' OR 1=1 /*`, `\\%_\\`, `{from:Int64}`]) {
      await rows(page).first().waitFor();
      await variable(page, 'Request').fill(text);
      await variable(page, 'Request').press('Enter');
      await page.getByText('No rows').waitFor();
      assert.equal(lastSearch(page).requestResource, text);
      await variable(page, 'Request').fill('*');
      await variable(page, 'Request').press('Enter');
      await rows(page).first().waitFor();
    }
    await works(page);
  });

  flow('SQL in the other variables is text', async (page) => {
    const text = encodeURIComponent(`x' OR '1'='1`);
    await page.goto(`${dashboard()}?var-namespace=${text}&var-workload=${text}`);
    await page.getByText('No rows').or(rows(page).first()).first().waitFor();
    const asked = lastSearch(page);
    assert.ok(asked.namespace === `x' OR '1'='1` ? (await rows(page).count()) === 0 : true, JSON.stringify(asked));
    await page.goto(home());
    await works(page);
  });

  for (const range of ['from=deepflow-doc', 'from=deepflow-doc&to=%27%3B--', 'from=-99999999999999&to=99999999999999', 'from=now-1000y&to=now']) {
    flow(`a time range of ${range} still lists or says why not`, async (page) => {
      await page.goto(home(`&${range}&var-request_resource=*full*`));
      await rows(page).first().or(page.getByText('No rows')).or(failure(page)).first().waitFor();
      if (range === 'from=deepflow-doc') {
        await page.getByText('Last 15 minutes').waitFor();
        assert.ok((await rows(page).count()) > 0, 'the default range has requests');
        assert.equal(lastSearch(page).requestResource, '*full*');
      }
      await page.goto(home());
      await works(page);
    }, { allowed: REFUSED });
  }

  flow(
    'a store that is down is named, and afterwards all goes on',
    async (page) => {
      await openFirst(page);
      const trace = params(page).get('var-trace_id');
      await site.fixture.stopStore();
      try {
        await page.goto(home(`&var-trace_id=${trace}`));
        const alert = region(page).getByRole('alert');
        await alert.waitFor();
        const words = await alert.innerText();
        assert.match(words, /could not be read/);
        assert.match(words, /refused|unreachable|cannot|connect/i, 'the cause');
        assert.ok(!/fixture|panic|goroutine/.test(words), `nothing leaks: ${words}`);
        assert.ok((await failure(page).count()) > 0, 'the list says so too');
        await page.goto(`${site.url}/connections/datasources/edit/throughline`);
        await page.getByRole('button', { name: 'Test' }).click();
        await page.getByTestId('health').filter({ hasText: /ERROR|error/ }).waitFor();
        await page.goto(home(`&var-trace_id=${trace}`));
        await region(page).getByRole('alert').waitFor();
      } finally {
        await site.fixture.startStore();
      }
      // The same page, without loading it anew.
      for (let tries = 0; tries < 60 && !(await flame(page).isVisible()); tries++) {
        await page.getByTestId('data-testid RefreshPicker run button').click();
        await flame(page).waitFor({ timeout: 1000 }).catch(() => {});
      }
      await counts(page).filter({ hasText: options.expect }).waitFor();
      await page.goto(home());
      await works(page);
    },
    { allowed: REFUSED, alone: true }
  );
}
