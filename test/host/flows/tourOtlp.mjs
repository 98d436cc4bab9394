// The tour's second part: what somebody asks at night who sends OpenTelemetry alone, and where
// the page answers. Every answer is read from the screen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { drawer, options, region, tab } from '../dashboard.mjs';
import { answer, openShape, remarks, traceOf } from '../shapes.mjs';
import { inThemes, station, stations, told } from '../stations.mjs';

/** The page that pictures are taken of: as wide as a laptop's, and high enough for all of an answer. */
const PICTURE = { width: 1280, height: 1200 };

const remark = async (page, kind) => (await remarks(page)).find(([k]) => k === kind)?.[1] ?? assert.fail(`no remark of kind ${kind}`);

/** The questions: [name of the picture, question, what to do, height, how the page answers]. */
const QUESTIONS = [
  ['slow', 'What is slow?', 'Open the slow checkout. The line under the title names the largest part of its time.', 420, async (page) => {
    await openShape(page, 'demoslow');
    const said = await answer(page);
    assert.equal(said, '937 ms of 1.12 s: code of payment, charge');
    return said;
  }],
  ['why', 'Why, and whose fault is it?', 'Press the first chip: the graph goes to the longest of that part, and its span is selected.', 520, async (page) => {
    await openShape(page, 'retry');
    await region(page).locator('.tl-chip').first().click();
    await drawer(page).waitFor();
    const said = await answer(page);
    assert.match(said, /: web waiting for psp, 3 × POST, one after the other$/);
    return said;
  }],
  ['failed', 'What failed?', 'The red line says how many errors begin in the trace, and the first with its message.', 300, async (page) => {
    await openShape(page, 'demofail');
    const said = (await region(page).getByTestId('errors').innerText()).replace(/\s+/g, ' ').replace(/^! /, '');
    assert.equal(said, '1 error payment, charge: payment refused: invalid token');
    return said;
  }],
  ['exception', 'Where is the exception?', 'Press that line: the details of the span begin with what was thrown, its stack with the service’s own frames first.', 620, async (page) => {
    await openShape(page, 'demofail');
    await region(page).getByTestId('errors').click();
    const card = drawer(page).getByTestId('exception');
    await card.getByText('java.lang.IllegalStateException', { exact: true }).waitFor();
    const said = (await card.innerText()).split('\n').map((line) => line.trim()).filter(Boolean);
    assert.ok(said.some((line) => line === 'payment refused: invalid token'), said.join(' | '));
    return 'java.lang.IllegalStateException: payment refused: invalid token';
  }],
  ['database', 'Is it the database?', 'Waiting for a peer is told apart from code: by the sentence, in the list of layers, and by the texture of its bars.', 420, async (page) => {
    await openShape(page, 'three');
    const said = await answer(page);
    assert.equal(said, '29.0 ms of 42.0 ms: shop waiting for mysql, SELECT items');
    assert.match(await region(page).locator('.tl-layer', { hasText: 'Waiting' }).innerText(), /29\.0 ms/);
    return said;
  }],
  ['nplus1', 'Is it N+1?', 'Equal spans are one part: how many, how long together, and whether one after the other or at once.', 420, async (page) => {
    await openShape(page, 'nplus1');
    const said = await answer(page);
    assert.equal(said, '806 ms of 905 ms: orders waiting for mysql, 200 × SELECT lines, one after the other');
    return said;
  }],
  ['retried', 'Was it tried again?', 'Tries of one request, and how many of them failed, are said beside the answer. A press leads to them.', 420, async (page) => {
    await openShape(page, 'retry');
    const said = await remark(page, 'retry');
    assert.equal(said, '3 tries of POST /charge, 2 failed');
    return said;
  }],
  ['after', 'What went on after the answer?', 'Work that nobody waited for is in no sum, and is told beside it. The graph shows the request; zooming out shows the worker.', 420, async (page) => {
    await openShape(page, 'async');
    const said = await remark(page, 'async');
    assert.equal(said, '48.0 ms to the answer; 5.20 s more in export-worker, 692 ms more in api');
    return said;
  }],
  ['clocks', 'Are the clocks wrong?', 'A callee that answers before it was asked gives it away; whose clock, and by how much.', 420, async (page) => {
    await openShape(page, 'skew');
    const said = await remark(page, 'skew');
    assert.equal(said, 'the clock of node-b is 420 ms behind that of node-a; times are aligned');
    return said;
  }],
  ['usual', 'How does it differ from usual?', 'Open Compare, press Another trace and choose an ordinary checkout: what is slower, part by part, the largest first.', 620, async (page) => {
    await openShape(page, 'demoslow');
    await tab(page, 'Compare').click();
    await page.getByRole('button', { name: 'Another trace' }).click();
    const recent = page.getByLabel('A recent trace of the same request');
    await page.waitForFunction(() => document.querySelector('select[aria-label="A recent trace of the same request"]')?.disabled === false);
    await recent.selectOption(traceOf('demo'));
    await page.getByTestId('throughline-comparison').waitFor();
    const said = (await page.getByTestId('compared').innerText()).replace(/\s+/g, ' ');
    assert.match(said, /^900 ms slower: .*payment/);
    return said;
  }],
];

export default function (add) {
  const flow = inThemes(add);
  QUESTIONS.forEach(([name, title, how, height, ask], k) =>
    flow(`tour of OpenTelemetry alone, ${k + 1}: ${title}`, async (page) => {
      await page.setViewportSize(PICTURE);
      const says = await ask(page);
      await station(page, `otlp-${name}`, { title: `${k + 1}. ${title}`, how, says }, height);
    })
  );
}

/** Writes docs/tour-otlp.md, once every question was answered in this run; nothing if none was asked. */
export function writeTourOtlp() {
  const names = QUESTIONS.map(([name]) => `otlp-${name}`);
  const missing = names.filter((name) => !stations.has(name));
  if (missing.length === names.length) {
    return;
  }
  if (missing.length > 0) {
    throw new Error(`the tour of OpenTelemetry alone has no answer at ${missing.join(', ')}`);
  }
  const text = [
    '# A tour for who sends OpenTelemetry alone\n',
    'The second part of [the tour](tour.md): ten questions of somebody who was woken at night, over traces that nobody looked at but the SDKs. Made by `npm run tour`.',
    'What is quoted was read from the page, and the test fails when the page says something else. The pictures are dark or light as your reader is.\n',
    ...names.map((name) => told(name, stations.get(name))),
  ];
  fs.writeFileSync(path.join(options.docs, 'tour-otlp.md'), text.join('\n'));
}
