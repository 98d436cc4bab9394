// What only a browser can tell: node src/panel/dev/check.mjs
// axe-core on every view in both themes (a serious finding fails), and every export opened
// again: the picture, the documents, the link and the diagrams.
/* global console, process, window, document, Image */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { withPanel } from './browser.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TABS = ['Flame', 'Waterfall', 'Services', 'Hop path', 'Requests', 'Compare', 'JSON'];
const SERIOUS = new Set(['serious', 'critical']);
let bad = 0;

async function audit(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document.querySelector('#panel'), { resultTypes: ['violations'] }));
  const serious = violations.filter((v) => SERIOUS.has(v.impact));
  console.log(`${what}: ${serious.length} serious, ${violations.length - serious.length} other`);
  for (const v of violations) {
    console.log(`  ${v.impact} ${v.id}: ${v.help}`);
    v.nodes.slice(0, 4).forEach((node) => console.log(`    ${node.target.join(' ')} ${node.any[0]?.message ?? node.failureSummary ?? ''}`));
  }
  bad += serious.length;
}

async function audits(open) {
  for (const theme of ['dark', 'light']) {
    const { page, problems } = await open(`theme=${theme}`);
    for (const tab of TABS) {
      await page.getByRole('tab', { name: tab, exact: true }).click();
      if (tab === 'Compare') {
        await page.getByLabel('Id of the trace').fill('another');
        await page.getByRole('button', { name: 'Compare' }).click();
      }
      await audit(page, `${theme} ${tab}`);
    }
    await page.getByRole('tab', { name: 'Flame' }).click();
    await page.getByLabel('Find spans').fill('inferred');
    await page.getByLabel('Next match').click();
    await page.getByText('http.request.method').waitFor();
    await audit(page, `${theme} selected`);
    for (const menu of ['View ▾', 'Export ▾']) {
      await page.getByRole('button', { name: menu }).click();
      await audit(page, `${theme} ${menu}`);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Keys' }).click();
    await audit(page, `${theme} keys`);
    assert.deepEqual(problems, []);
    await page.close();
    for (const state of ['partial', 'many', 'empty', 'error', 'loading']) {
      const other = await open(`theme=${theme}&state=${state}`);
      await audit(other.page, `${theme} ${state}`);
      await other.page.close();
    }
  }
}

async function exports(open) {
  const { page } = await open('theme=dark');
  const saved = async (name) => {
    await page.getByRole('button', { name: 'Export ▾' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    return readFile(await download.path());
  };
  const copied = async (name) => {
    await page.evaluate(() => Object.defineProperty(window.navigator, 'clipboard', { configurable: true, value: { writeText: async (text) => void (window.copied = text) } }));
    await page.getByRole('button', { name: 'Export ▾' }).click();
    await page.getByRole('button', { name }).click();
    return page.evaluate(() => window.copied);
  };
  const png = await saved(/Save picture/);
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  const picture = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const ctx = canvas.getContext('2d');
    ctx.drawImage(image, 0, 0);
    const { data } = ctx.getImageData(0, 0, image.width, image.height);
    const colours = new Set();
    for (let k = 0; k < data.length; k += 4) {
      colours.add((data[k] << 16) | (data[k + 1] << 8) | data[k + 2]);
    }
    return { width: image.width, height: image.height, colours: colours.size };
  }, png.toString('base64'));
  assert.equal(picture.width, 1600);
  assert.ok(picture.height > 400 && picture.colours > 100, 'the picture has the graph in it');
  const json = JSON.parse((await saved(/Save trace/)).toString());
  assert.equal(json.spans.length, 100);
  assert.match(await copied(/sequence diagram/), /^sequenceDiagram\n(.+\n)+$/);
  assert.match(await copied(/flowchart/), /^flowchart LR\n(.+\n)+$/);
  assert.match(await copied(/Copy link/), /var-trace_id=4f0a61c7/);
  console.log('exports: picture', `${picture.width}×${picture.height},`, 'JSON, two diagrams and the link read again');
  await page.close();
}

await withPanel(async (open) => {
  await exports(open);
  await audits(open);
});
if (bad > 0) {
  console.log(`${bad} serious findings`);
  process.exitCode = 1;
}
