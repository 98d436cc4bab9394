// Saved traces: what was exported is opened again as it was, other tools' files are opened, and
// a file that is none says why.
/* global DataTransfer, File */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import path from 'node:path';
import { answered, counts, drawer, flame, home, openFirst, region, sentence, spell } from '../dashboard.mjs';
import { openShape } from '../shapes.mjs';

const OF_OTHERS = path.resolve(import.meta.dirname, '../../../pkg/saved/testdata');
const file = (name, content) => ({ name, mimeType: 'application/json', buffer: Buffer.from(content) });
const ofOthers = (name) => file(name, fs.readFileSync(path.join(OF_OTHERS, name)));

const openButton = (page) => page.getByRole('button', { name: /^Open (a|another) file…/ });
const banner = (page) => page.getByRole('group', { name: 'Opened file' });

/** Chooses a file in the dialog of the browser, and gives what the data source made of it. */
async function openFile(page, content) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), openButton(page).click()]);
  const [answer] = await Promise.all([page.waitForResponse(/\/resources\/open($|\?)/), chooser.setFiles(content)]);
  return answer;
}

async function fromMenu(page) {
  await region(page).getByRole('button', { name: /^Export/ }).click();
}

const rowsOf = (frame) => {
  spell(frame);
  const columns = Object.fromEntries(frame.schema.fields.map(({ name }, k) => [name, frame.data.values[k]]));
  return columns.id.map((id, i) => [id, columns.parentIdx[i], columns.source[i], columns.point[i], columns.service[i], columns.name[i], columns.offset[i], columns.duration[i], columns.status[i], columns.reason[i], columns.confidence[i]]);
};

export default function (flow) {
  flow('a trace that was saved for OpenTelemetry is opened as it was', async (page) => {
    await openShape(page, 'demofail');
    const before = await answered(page);
    const said = await sentence(page).textContent();
    await fromMenu(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('dialog').getByRole('button', { name: /^Save for OpenTelemetry/ }).click()]);
    const content = fs.readFileSync(await download.path());
    await fromMenu(page);
    const answer = await (await openFile(page, file('order.json', content))).json();
    await banner(page).getByText('Opened from order.json (OTLP), not stored').waitFor();
    assert.deepEqual(
      rowsOf(answer.frame),
      before.map((s) => [s.id, s.parentIdx, s.source, s.point, s.service, s.name, s.offset, s.duration, s.status, s.reason, s.confidence])
    );
    assert.equal(await sentence(page).textContent(), said);
    // Details come from the file, and the dashboard's address says nothing of it.
    const address = page.url();
    await flame(page).focus();
    await page.keyboard.press('ArrowDown');
    await drawer(page).getByText('service.name').first().waitFor();
    assert.equal(page.url(), address);
    await banner(page).getByRole('button', { name: 'Back to the dashboard’s trace' }).click();
    await banner(page).waitFor({ state: 'detached' });
    assert.equal(await sentence(page).textContent(), said);
  });

  flow('Find and which attributes differ work on a file, by what its spans have', async (page) => {
    await openShape(page, 'retry');
    await fromMenu(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('dialog').getByRole('button', { name: /^Save for OpenTelemetry/ }).click()]);
    const content = fs.readFileSync(await download.path());
    await page.goto(home());
    await page.getByText('No trace selected').waitFor();
    await page.waitForLoadState('networkidle'); // what comes later makes the panel anew
    await openFile(page, file('retry.json', content));
    await flame(page).waitFor();
    await page.getByLabel('Find spans').fill('http.response.status_code>=500');
    await region(page).getByText(/^2 of \d+$/).waitFor();
    await region(page).locator('.tl-find').getByRole('button', { name: 'Which attributes differ' }).click();
    const sheet = page.getByRole('complementary', { name: 'Which attributes differ' });
    const code = sheet.getByRole('region', { name: 'http.response.status_code', exact: true });
    assert.match((await code.innerText()).replace(/\s+/g, ' '), /503 .*100% 0%/);
    await page.getByLabel('Find spans').fill('http.resp');
    await page.getByRole('option', { name: /http\.response\.status_code/ }).first().waitFor();
  });

  flow('a file of Jaeger is opened by keyboard where no trace is selected', async (page) => {
    await page.goto(home());
    await page.getByText('No trace selected').waitFor();
    let chooser;
    for (let tries = 0; tries < 5 && !chooser; tries++) { // what comes late makes the panel anew, and a key for the button before is lost
      await openButton(page).focus();
      const chosen = page.waitForEvent('filechooser', { timeout: 2000 }).catch(() => undefined);
      await page.keyboard.press('Enter');
      chooser = await chosen;
    }
    assert.ok(chooser, 'Enter opens the choice of a file');
    await chooser.setFiles(ofOthers('opentracing.jaeger.json'));
    await banner(page).getByText('Opened from opentracing.jaeger.json (Jaeger\'s JSON), not stored').waitFor();
    assert.match(await sentence(page).textContent(), /502 ms of 712 ms: code of frontend, HTTP GET \/dispatch/);
    await region(page).getByRole('button', { name: /TimeoutError: redis timeout/ }).first().click();
    await drawer(page).getByText('exception').first().waitFor();
  });

  flow('a file is dropped on the panel, and one with several traces is asked which', async (page) => {
    await openFirst(page);
    const one = fs.readFileSync(path.join(OF_OTHERS, 'opentelemetry-js.otlp.json')).toString();
    const other = one.replace(/"traceId":"80be/g, '"traceId":"90be').replace('POST /order', 'POST /return');
    const dropped = await page.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], 'two.jsonl', { type: 'application/x-ndjson' }));
      return data;
    }, `${one}\n${other}\n`);
    const area = page.getByTestId('throughline-drop');
    await area.dispatchEvent('dragover', { dataTransfer: dropped });
    await page.getByText('Drop the saved trace to open it here').waitFor();
    await area.dispatchEvent('drop', { dataTransfer: dropped });
    await page.getByRole('heading', { name: 'two.jsonl (OTLP) has 2 traces' }).waitFor();
    await page.getByRole('list', { name: 'Traces of the file' }).getByRole('button', { name: /POST \/return/ }).click();
    await banner(page).waitFor();
    assert.equal(await counts(page).textContent(), '2 spans');
    await banner(page).getByRole('combobox').selectOption('all');
    await counts(page).filter({ hasText: '4 spans' }).waitFor();
  });

  flow('a file that cannot be opened says why', async (page) => {
    await page.goto(home());
    await page.getByText('No trace selected').waitFor();
    const cut = fs.readFileSync(path.join(OF_OTHERS, 'collector.jaeger.json')).subarray(0, 700);
    assert.equal((await openFile(page, file('cut.json', cut))).status(), 400);
    await page.getByRole('alert').getByText('the file is JSON that is cut off at line 1, column 701: save or copy it again').waitFor();
    await openFile(page, file('package.json', '{"name": "web", "version": "1.0"}'));
    const alert = page.getByRole('alert');
    await alert.getByText('package.json could not be opened').waitFor();
    assert.match(await alert.textContent(), /of no kind that is known: its first members are "name", "version"\. Throughline reads its own JSON, OTLP in JSON/);
    await openFile(page, ofOthers('brave.zipkin.json'));
    await banner(page).getByText('Opened from brave.zipkin.json (Zipkin\'s JSON), not stored').waitFor();
  }, { allowed: [/400/] });
}
