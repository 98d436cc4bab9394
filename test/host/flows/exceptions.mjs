// What a span tells, over traces of OpenTelemetry alone: why it failed, what was thrown and
// where in the service's own code, what happened in it and when, what a model was asked.
import assert from 'node:assert/strict';
import { answered, drawer, openTrace, selectSpan, site } from '../dashboard.mjs';

/** Opens a trace of a shape and selects the first span that is as wanted. */
async function open(page, shape, wanted, trace = 0) {
  await openTrace(page, site.fixture.shapes[shape][trace]);
  const span = (await answered(page)).find(wanted);
  assert.ok(span, `no such span in ${shape}`);
  await selectSpan(page, span.id);
  return span;
}

const thrown = (s) => s.events.includes('exception');

export default function (flow) {
  flow('a failed span says why at once: type, message, and a stack trace with its lines', async (page) => {
    await open(page, 'demofail', thrown);
    const card = drawer(page).getByTestId('exception');
    await card.getByText('java.lang.IllegalStateException', { exact: true }).waitFor();
    await card.getByText('payment refused: invalid token', { exact: true }).waitFor();
    const stack = card.getByRole('region', { name: 'Stack trace' });
    const lines = (await stack.innerText()).split('\n');
    assert.match(lines[0], /^\s+at com\.acme\.checkout\.payments\.\S+\.charge\(GatewayClient\.java:100\)$/, 'the service’s own frames come first');
    assert.equal(lines.at(-1), 'Caused by: io.grpc.StatusRuntimeException: INTERNAL: the card\'s token has expired');
    assert.equal(lines.filter((line) => /^\s+at /.test(line)).length, 58);
    assert.ok(lines.some((line) => /13 of libraries/.test(line)), 'what is left out is counted');
    const { height, all, top } = await stack.evaluate((e) => ({ height: e.clientHeight, all: e.scrollHeight, top: e.getBoundingClientRect().top }));
    assert.ok(height < 400 && all > height, 'it scrolls in its own block');
    assert.ok(top < page.viewportSize().height, 'it is on the screen without scrolling');
    await card.getByRole('button', { name: 'All 71 frames' }).click();
    const every = (await stack.innerText()).split('\n');
    assert.match(every[0], /^\s+at java\.base\/java\.util\.Optional/, 'then in the order of the stack');
    assert.equal(every.filter((line) => /^\s+at /.test(line)).length, 71);
  });

  flow('the events of a span are in time, with their attributes as rows', async (page) => {
    await open(page, 'kafka', thrown, 1);
    const cards = drawer(page).getByTestId('event-card');
    await cards.first().waitFor();
    const texts = (await cards.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    assert.match(texts[0], /^\+200 ms exception pq\.Error/);
    assert.match(texts[1], /^\+210 ms 10\.0 ms later retry attempt 2/);
    const batch = (await answered(page)).find((s) => s.name === 'imports process');
    await selectSpan(page, batch.id);
    await cards.getByText('rebalance').waitFor();
    assert.match((await cards.first().innerText()).replace(/\s+/g, ' '), /^\+100 ms rebalance generation 7/);
  });

  flow('what a model was asked and what it said are messages, with the tokens that took', async (page) => {
    await open(page, 'genai', (s) => s.name.startsWith('chat'));
    const model = drawer(page).getByTestId('model-call');
    await model.getByText(/1,830 tokens in, 120 tokens out/).waitFor();
    assert.deepEqual(await model.locator('.tl-message b').allInnerTexts(), ['system', 'user', 'assistant']);
    await model.getByText(/^Plan 4 days in Lisbon with two kids; trains only\.\nBudget 800 €\.$/).waitFor();
    await model.getByRole('button', { name: /^Show all/ }).first().click();
    await model.getByRole('button', { name: 'Show less' }).waitFor();
  });

  flow('numbers of a span have units, and its statement a line for each clause', async (page) => {
    await open(page, 'demofail', (s) => /^SELECT products/.test(s.name));
    const details = drawer(page).getByTestId('details');
    const statement = details.getByRole('region', { name: 'db.query.text' });
    await statement.waitFor();
    assert.match(await statement.innerText(), /^SELECT p\.id, [^\n]+\nFROM catalog\.products p\nWHERE p\.id = /);
    const duration = details.locator('dt', { hasText: /^duration$/ }).locator('xpath=following-sibling::dd[1]');
    assert.match(await duration.innerText(), /^3\.50 ms/);
  });
}
