// Pictures of the panel in its states: node src/panel/dev/pictures.mjs DIRECTORY [name ...]
/* global console, process */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { withPanel } from './browser.mjs';

const [dir = 'test-results/panel', ...only] = process.argv.slice(2);

// name, address, size, what to do before the picture
const PICTURES = [
  ['flame-dark', 'theme=dark'],
  ['flame-light', 'theme=light'],
  ['hover', 'theme=dark', {}, (page) => page.mouse.move(460, 330)],
  ['hover-strand', 'theme=dark', {}, (page) => page.mouse.move(500, 352)],
  ['selected', 'theme=light', {}, async (page) => {
    await page.getByLabel('Find spans').fill('inferred');
    await page.getByLabel('Next match').click();
    await page.getByLabel('Next match').click();
    await page.locator('canvas').focus();
    await page.keyboard.press('z');
  }],
  ['waterfall', 'theme=dark', {}, (page) => page.getByRole('tab', { name: 'Waterfall' }).click()],
  ['services', 'theme=dark', {}, (page) => page.getByRole('tab', { name: 'Services' }).click()],
  ['hops', 'theme=dark', {}, (page) => page.getByRole('tab', { name: 'Hop path' }).click()],
  ['hops-light', 'theme=light', {}, (page) => page.getByRole('tab', { name: 'Hop path' }).click()],
  ['by-node', 'theme=dark', {}, async (page) => {
    await page.getByRole('button', { name: 'View ▾' }).click();
    await page.getByLabel('Colour by').selectOption('node');
  }],
  ['by-status-light', 'theme=light', {}, async (page) => {
    await page.getByRole('button', { name: 'View ▾' }).click();
    await page.getByLabel('Colour by').selectOption('status');
    await page.keyboard.press('Escape');
  }],
  ['per-service', 'theme=dark', {}, async (page) => {
    await page.getByRole('button', { name: 'View ▾' }).click();
    await page.getByLabel('One bar per service visit').check();
    await page.getByRole('tab', { name: 'Flame' }).click();
  }],
  ['requests', 'theme=dark', {}, (page) => page.getByRole('tab', { name: 'Requests' }).click()],
  ['requests-light', 'theme=light', {}, (page) => page.getByRole('tab', { name: 'Requests' }).click()],
  ['related', 'theme=dark', {}, async (page) => {
    await page.getByLabel('Find spans').fill('OrderService.place');
    await page.getByLabel('Next match').click();
    await page.locator('canvas').focus();
    await page.keyboard.press('m');
  }],
  ['compare', 'theme=dark', {}, compareWithAnother],
  ['compare-light', 'theme=light', {}, compareWithAnother],
  ['compare-drift', 'theme=dark&state=drift', {}, compareWithAnother],
  ['compare-many', 'theme=light&state=many', {}, compareWithAnother],
  ['compare-hover', 'theme=dark', {}, async (page) => {
    await compareWithAnother(page);
    await page.getByRole('button', { name: /POST \/orders · c-nd/ }).click();
    await page.mouse.move(500, 500);
  }],
  ['compare-usual', 'theme=light', {}, async (page) => {
    await page.getByRole('tab', { name: 'Compare' }).click();
    await page.getByRole('button', { name: 'The usual' }).click();
  }],
  ['export-menu', 'theme=light', {}, (page) => page.getByRole('button', { name: 'Export ▾' }).click()],
  ['json', 'theme=dark', {}, (page) => page.getByRole('tab', { name: 'JSON' }).click()],
  ['partial', 'theme=dark&state=partial'],
  ['failed', 'theme=dark&state=shape', { shape: 'demofail-0', width: 1280 }, (page) => page.getByTestId('errors').click()],
  ['waiting', 'theme=light&state=shape', { shape: 'genai-0', width: 1280 }],
  ['asynchronous', 'theme=dark&state=shape', { shape: 'async-0', width: 866 }],
  ['parts', 'theme=light&state=shape', { shape: 'demo-0', width: 1280 }, (page) => page.getByRole('button', { name: /parts/ }).click()],
  ['names', 'theme=dark&state=shape', { shape: 'names-0', width: 866 }],
  ['low', 'theme=dark&state=shape', { shape: 'demofail-0', width: 600, height: 400 }],
  ['least', 'theme=dark&state=shape', { shape: 'demofail-0', width: 320, height: 200 }],
  ['many', 'theme=dark&state=many'],
  ['loupe', 'theme=dark&state=many', {}, (page) => page.mouse.move(640, 420)],
  ['folded-critical', 'theme=dark', {}, async (page) => {
    await page.getByRole('button', { name: 'Folded' }).click();
    await page.getByRole('button', { name: 'Critical' }).click();
  }],
  ['sharp', 'theme=light', { width: 900, height: 600, scale: 2 }],
  ['many-light', 'theme=light&state=many'],
  ['one', 'theme=dark&state=one', { height: 420 }],
  ['empty', 'theme=dark&state=empty', { width: 780, height: 400 }],
  ['error', 'theme=dark&state=error', { width: 780, height: 400 }],
  ['loading', 'theme=dark&state=loading', { width: 780, height: 400 }],
  ['narrow', 'theme=dark', { width: 400, height: 900 }],
  ['rows', 'theme=dark', {}, async (page) => {
    await page.getByRole('button', { name: 'Rows' }).click();
    await page.mouse.move(1000, 175);
    await page.mouse.down();
    await page.mouse.move(1480, 175, { steps: 4 });
    await page.mouse.up();
  }],
];

async function compareWithAnother(page) {
  await page.getByRole('tab', { name: 'Compare' }).click();
  await page.getByRole('button', { name: 'Another trace' }).click();
  await page.getByLabel('Id of the trace').fill('another');
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
}

await mkdir(dir, { recursive: true });
await withPanel(async (open) => {
  for (const [name, hash, size, act] of PICTURES) {
    if (only.length > 0 && !only.includes(name)) {
      continue;
    }
    const { page, problems } = await open(hash, size);
    await act?.(page);
    await page.waitForTimeout(400);
    await page.screenshot({ path: path.join(dir, `${name}.png`) });
    console.log(name, problems.length > 0 ? problems : 'ok');
    await page.close();
  }
});
