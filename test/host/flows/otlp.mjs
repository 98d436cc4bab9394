// Who sends OpenTelemetry alone is told the truth: who was waited for, what went on after the
// answer, what is one work, what was tried again, whose clock is wrong; and nothing is missing
// where nobody looked.
import assert from 'node:assert/strict';
import { answered, drawer, flame, region, tab } from '../dashboard.mjs';
import { answer, apiTrace, cliTrace, openShape, remarks, traceOf, USUAL, WHOLE } from '../shapes.mjs';

/** What each shape is slow by, and what must be known beside it. */
const SAID = {
  nplus1: ['806 ms of 905 ms: orders waiting for mysql, 200 × SELECT lines, one after the other'],
  retry: ['2.00 s of 3.40 s: web waiting for psp, 3 × POST, one after the other', 'retry', '3 tries of POST /charge, 2 failed'],
  genai: ['59.5 s of 98.0 s: assistant-api waiting for gpt-4o (openai), 3 × chat gpt-4o-2024-11-20, one after the other', 'retry', '2 tries of execute_tool search_hotels, 1 failed'],
  async: ['40.0 ms of 48.0 ms: code of api', 'async', '48.0 ms to the answer; 5.20 s more in export-worker, 692 ms more in api'],
  skew: ['120 ms of 180 ms: code of pricing, in 2 spans, most in compute', 'skew', 'the clock of node-b is 420 ms behind that of node-a; times are aligned'],
  fanout: ['600 ms of 640 ms: code of shard, 1 of 30 × query shard, at once'],
  demoslow: ['937 ms of 1.12 s: code of payment, charge', 'async', '1.12 s to the answer; 1.40 s more in fraud-detection, 160 ms more in accounting'],
  three: ['29.0 ms of 42.0 ms: shop waiting for mysql, SELECT items'],
  long: ['1 h 49 min of 2 h 12 min: code of etl'],
};

const UNITS = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9, min: 6e10, h: 3.6e12 };
/** "1 h 49 min" in nanoseconds. */
const nanoseconds = (text) => [...text.matchAll(/([\d.]+) (ns|µs|ms|s|min|h)\b/g)].reduce((sum, [, n, unit]) => sum + Number(n) * UNITS[unit], 0);

/** The list of all parts: [time, share, words]. */
async function partsOf(page) {
  await region(page).getByRole('button', { name: /\d+ parts/ }).click();
  const items = page.locator('.tl-part-list li');
  await items.first().waitFor();
  return items.evaluateAll((all) => all.map((item) => [item.querySelector('b').textContent, item.querySelector('.tl-dim').textContent, item.querySelector('span:last-child').textContent]));
}

export default function (flow) {
  for (const [shape, [slow, kind, words]] of Object.entries(SAID)) {
    flow(`otlp: what is slow in ${shape} is said`, async (page) => {
      await openShape(page, shape);
      const said = await answer(page);
      assert.ok(said.startsWith(slow), said);
      if (kind) {
        assert.ok((await remarks(page)).some((r) => r[0] === kind && r[1] === words), JSON.stringify(await remarks(page)));
      }
    });
  }

  flow('otlp: the worker of a queue waits for its database, in a trace of its own', async (page) => {
    await openShape(page, 'kafka', { n: 1 });
    assert.equal(await answer(page), '1.92 s of 2.60 s: import-worker waiting for postgresql, 4 × UPSERT items, one after the other');
  });

  flow('otlp: page, HTTP API and command line say the same of every shape', async (page) => {
    for (const shape of USUAL) {
      await openShape(page, shape);
      const { where } = await apiTrace(traceOf(shape));
      assert.equal(await answer(page), where.sentence, shape);
      const beside = (where.remarks ?? []).filter((r) => r.kind !== 'error').map((r) => [r.kind, r.text]);
      assert.deepEqual(await remarks(page), beside, shape);
      const printed = await cliTrace(traceOf(shape));
      for (const text of [where.sentence, ...beside.map(([, text]) => text)]) {
        assert.ok(printed.includes(text), `the command line says of ${shape}: ${text}`);
      }
    }
  });

  flow('otlp: the parts add up to the time to the answer, the largest first', async (page) => {
    for (const shape of ['demo', 'genai', 'nplus1', 'async', 'retry']) {
      await openShape(page, shape);
      const parts = await partsOf(page);
      const [, first, whole] = /^(.+?) of (.+?): /.exec(await answer(page));
      assert.equal(parts[0][0], first, 'the sentence is the first part');
      const sum = parts.reduce((total, [time]) => total + nanoseconds(time), 0);
      assert.ok(Math.abs(sum - nanoseconds(whole)) < 0.006 * nanoseconds(whole), `${shape}: ${sum} of ${whole}`);
      const bar = await region(page).getByRole('group', { name: /^Share by/ }).getByRole('button').evaluateAll((all) => all.map((b) => b.title));
      const layers = bar.reduce((total, title) => total + nanoseconds(/: ([^(]+)/.exec(title)[1]), 0);
      assert.ok(Math.abs(layers - nanoseconds(whole)) < 0.006 * nanoseconds(whole), `${shape}: the bar's ${layers} of ${whole}`);
    }
  });

  flow('otlp: a healthy trace is not partial, has no ghosts and no views of hops', async (page) => {
    for (const shape of WHOLE) {
      await openShape(page, shape);
      assert.ok(!/Partial|not seen/i.test(await region(page).innerText()), `${shape} is said to be partial`);
      const spans = await answered(page);
      assert.equal(spans.reduce((n, s) => n + (s.missing ?? 0), 0), 0, `${shape} misses hops`);
      for (const name of ['Hop path', 'Requests']) {
        assert.equal(await tab(page, name).count(), 0, `${name} of ${shape}`);
      }
    }
  });

  flow('otlp: services have no columns of layers that nobody looked at', async (page) => {
    await openShape(page, 'three');
    await tab(page, 'Services').click();
    const heads = await page.getByRole('table', { name: 'Services' }).getByRole('columnheader').allInnerTexts();
    assert.deepEqual(heads, ['Service', 'Held the time for', 'Visits', 'Total', 'Own', 'Code', 'Waiting', 'Spans', 'Errors']);
  });

  flow('otlp: what was not sent is missing, and only that', async (page) => {
    await openShape(page, 'orphans');
    assert.deepEqual(await remarks(page), [['partial', '2 subtrees have no parent: their callers\' spans are missing']]);
  });

  flow('otlp: the header says whose request it is and what failed; a press leads to it', async (page) => {
    await openShape(page, 'demofail');
    assert.equal((await page.getByTestId('root').innerText()).replace(/\s+/g, ' '), 'load-generator user_checkout_multi');
    assert.match(await region(page).getByTestId('errors').innerText(), /1 error\s+payment, charge: payment refused: invalid token/);
    await region(page).getByTestId('errors').click();
    await drawer(page).getByTestId('exception').waitFor();
    await flame(page).waitFor();
  });

  flow('otlp: by keyboard alone from the error to its exception, and through the parts', async (page) => {
    await openShape(page, 'demofail');
    await region(page).getByTestId('errors').focus();
    await page.keyboard.press('Enter');
    await drawer(page).getByTestId('exception').waitFor();
    await openShape(page, 'genai');
    await region(page).getByRole('button', { name: /\d+ parts/ }).focus();
    await page.keyboard.press('Enter');
    const items = page.locator('.tl-part-list li button');
    await items.first().waitFor();
    await items.first().focus();
    await page.keyboard.press('Enter');
    await drawer(page).getByTestId('model-call').waitFor();
    await openShape(page, 'retry');
    await region(page).locator('.tl-remark').first().focus();
    await page.keyboard.press('Enter');
    await drawer(page).waitFor();
  });
}
