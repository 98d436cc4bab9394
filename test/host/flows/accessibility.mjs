// axe-core on every view, menu and page of ours, in both themes: no serious or critical
// finding. Left out is Grafana's own refresh picker, whose button has no name.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { answered, counts, dashboard, drawer, flame, home, pressTool, region, rows, selectSpan, site, tab } from '../dashboard.mjs';
import { openShape, traceOf } from '../shapes.mjs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PANEL = '[role=region][aria-label=Trace]';
const SAVED = path.resolve(import.meta.dirname, '../../../pkg/saved/testdata');

/** Serious findings inside what `selector` finds. */
export async function findings(page, selector, where) {
  // Without the page's module loader, which would take axe for a module.
  await page.evaluate(`window.axe || (function (define, module, exports, require) { ${axe} }).call(window)`);
  const violations = await page.evaluate(async (within) => {
    const result = await window.axe.run({ include: [[within]], exclude: [['[data-testid^="data-testid RefreshPicker"]']] }, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
    return result.violations.map((v) => ({ ...v, nodes: v.nodes.map((n) => ({ html: n.html.slice(0, 160), why: n.failureSummary.slice(0, 300) })) }));
  }, selector);
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${where}: ${v.id} (${v.impact}), ${v.nodes.length} times: ${v.help}\n    ${v.nodes[0].html}\n    ${v.nodes[0].why.replaceAll('\n', ' ')}`);
}

export default function (flow) {
  for (const theme of ['dark', 'light']) {
    flow(`axe: the panel's views, ${theme}`, async (page) => {
      const found = [];
      const check = async (where) => found.push(...(await findings(page, PANEL, where)));
      await page.goto(home(`&theme=${theme}`));
      await rows(page).first().locator('a').first().click();
      await flame(page).waitFor();
      await drawer(page).waitFor();
      for (const name of await region(page).getByRole('tab').allInnerTexts()) {
        await page.getByRole('tab', { name, exact: true }).click();
        await check(name);
      }
      await page.getByRole('tab', { name: 'Flame', exact: true }).click();
      for (const menu of [/^View/, /^Export/]) {
        await region(page).getByRole('button', { name: menu }).click();
        await check(`menu ${menu}`);
        await page.keyboard.press('Escape');
      }
      await region(page).getByRole('button', { name: 'Keys' }).click();
      await check('keys');
      await page.addStyleTag({ content: 'div:has(> [role=region][aria-label=Trace]){width:320px!important;height:260px!important}' });
      await region(page).getByRole('button', { name: 'More actions' }).click();
      await check('a small panel');
      found.push(...(await findings(page, '.tl-menu', 'the menu of a small panel')));
      assert.deepEqual(found, []);
    });

    flow(`axe: what is said of OpenTelemetry alone, ${theme}`, async (page) => {
      const found = [];
      const check = async (where) => found.push(...(await findings(page, PANEL, where)));
      for (const shape of ['async', 'retry', 'skew', 'orphans', 'nplus1']) {
        await openShape(page, shape, { search: `&theme=${theme}` });
        await check(`remarks of ${shape}`);
      }
      for (const [shape, card] of [['demofail', 'exception'], ['genai', 'model-call']]) {
        await openShape(page, shape, { search: `&theme=${theme}` });
        await region(page).locator(shape === 'genai' ? '.tl-chip' : '[data-testid=errors]').first().click();
        await drawer(page).getByTestId(card).waitFor();
        await check(`the ${card}`);
      }
      await openShape(page, 'demo', { search: `&theme=${theme}` });
      for (const name of await region(page).getByRole('tab').allInnerTexts()) {
        await page.getByRole('tab', { name, exact: true }).click();
        await check(name);
      }
      await region(page).getByRole('button', { name: /\d+ parts/ }).click();
      await page.locator('.tl-part-list').waitFor();
      found.push(...(await findings(page, '.tl-menu', 'the list of parts')));
      assert.deepEqual(found, []);
    });

    flow(`axe: which attributes differ, links and the place among the usual, ${theme}`, async (page) => {
      const found = [];
      const check = async (where, within = PANEL) => found.push(...(await findings(page, within, where)));
      await openShape(page, 'retry', { search: `&theme=${theme}` });
      await page.getByLabel('Find spans').fill('error');
      await region(page).locator('.tl-find').getByRole('button', { name: 'Which attributes differ' }).click();
      const sheet = page.getByRole('complementary', { name: 'Which attributes differ' });
      await sheet.getByTestId('differs').first().waitFor();
      await check('which attributes differ');
      await region(page).locator('.tl-find').getByRole('button', { name: 'Matches only' }).click();
      await check('matches only');
      await sheet.getByRole('button', { name: 'Slow and fast' }).click();
      await sheet.getByText(/slower/).first().waitFor();
      await check('slow and fast');
      await page.addStyleTag({ content: 'div:has(> [role=region][aria-label=Trace]){width:480px!important;height:420px!important}' });
      await check('which attributes differ, in a narrow panel');

      await openShape(page, 'kafka', { search: `&theme=${theme}` });
      await selectSpan(page, (await answered(page))[0].id);
      await drawer(page).getByTestId('linked').getByRole('link').first().waitFor();
      await check('links');
      await openShape(page, 'nplus1', { search: `&theme=${theme}` });
      await selectSpan(page, (await answered(page)).find((s) => s.name === 'SELECT lines').id);
      await drawer(page).getByTestId('among-usual').waitFor();
      await pressTool(page, 'Alike');
      await drawer(page).getByTestId('alike').waitFor();
      await check('the place among the usual, of many alike');
      assert.deepEqual(found, []);
    });

    flow(`axe: saved traces, ${theme}`, async (page) => {
      const found = [];
      const check = async (where) => found.push(...(await findings(page, PANEL, where)));
      const content = (name) => fs.readFileSync(path.join(SAVED, name));
      const open = async (name, buffer) => {
        const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: /^Open (a|another) file…/ }).click()]);
        await chooser.setFiles({ name, mimeType: 'application/json', buffer });
      };
      await page.goto(home(`&theme=${theme}`));
      await page.getByText('No trace selected').waitFor();
      await page.waitForLoadState('networkidle'); // what comes later makes the panel anew
      await open('package.json', Buffer.from('{"name": "web"}'));
      await page.getByText('package.json could not be opened').waitFor();
      await check('a file that cannot be opened');
      const one = content('opentelemetry-js.otlp.json').toString();
      await open('two.jsonl', Buffer.from(`${one}\n${one.replace(/"traceId":"80be/g, '"traceId":"90be')}\n`));
      await page.getByRole('heading', { name: 'two.jsonl (OTLP) has 2 traces' }).waitFor();
      await check('which trace of a file');
      await page.getByRole('list', { name: 'Traces of the file' }).getByRole('button').first().click();
      await page.getByRole('group', { name: 'Opened file' }).waitFor();
      await flame(page).waitFor();
      await flame(page).press('ArrowDown');
      await drawer(page).waitFor();
      await check('an opened file');
      assert.deepEqual(found, []);
    }, { allowed: [/400/] });

    flow(`axe: a snapshot, ${theme}`, async (page) => {
      const found = [];
      await page.goto(home(`&theme=${theme}`));
      await rows(page).first().locator('a').first().click();
      await counts(page).waitFor();
      await page.getByRole('region', { name: 'List of requests' }).hover();
      await page.getByTestId('data-testid Panel menu Requests').click();
      await page.getByRole('menuitem', { name: 'Share snapshot' }).click();
      await page.waitForURL(/\/dashboard\/snapshot\//);
      await page.goto(`${page.url().split('?')[0]}?theme=${theme}`);
      await region(page).getByRole('note').filter({ hasText: 'This trace alone was kept' }).waitFor();
      found.push(...(await findings(page, PANEL, 'the trace of a snapshot')));
      await tab(page, 'Compare').click();
      found.push(...(await findings(page, PANEL, 'comparing in a snapshot')));
      found.push(...(await findings(page, '[role=region][aria-label="List of requests"]', 'the list of a snapshot')));
      assert.deepEqual(found, []);
    });

    flow(`axe: a dashboard that is filtered, ${theme}`, async (page) => {
      await page.goto(`${dashboard()}?var-namespace=$__all&from=now-6h&to=now&var-filters=${encodeURIComponent('status|=|error')}&theme=${theme}`);
      await rows(page).first().waitFor();
      const found = await findings(page, '[role=region][aria-label="List of requests"]', 'a filtered list');
      await page.locator(`[data-trace="${traceOf('demofail')}"] a`).first().click();
      await drawer(page).getByTestId('exception').first().waitFor();
      const value = drawer(page).getByTestId('details').locator('dd').filter({ has: page.getByRole('link', { name: /^Filter the dashboard/ }) }).first();
      await value.hover();
      found.push(...(await findings(page, PANEL, 'attributes that filter the dashboard')));
      await page.goto(`${dashboard()}?var-namespace=$__all&from=now-6h&to=now&var-filters=${encodeURIComponent('no.such.key|=|1')}&theme=${theme}`);
      await page.getByText('No rows').waitFor();
      found.push(...(await findings(page, '[role=region][aria-label="List of requests"]', 'a list that nothing passes')));
      assert.deepEqual(found, []);
    });

    flow(`axe: the panel without a trace, ${theme}`, async (page) => {
      await page.goto(home(`&theme=${theme}`));
      await region(page).waitFor();
      assert.deepEqual(await findings(page, PANEL, 'empty'), []);
      await page.goto(home(`&theme=${theme}&var-trace_id=xyz`));
      await region(page).getByRole('alert').waitFor();
      assert.deepEqual(await findings(page, PANEL, 'failed'), []);
    }, { allowed: [/400/] });

    for (const [what, address, ready] of [
      ['the first page', '/a/throughline-app', (page) => page.getByTestId('connected')],
      ['the page of traces', '/a/throughline-app/traces?var-namespace=webshop', (page) => rows(page).first()],
      ['the settings', '/connections/datasources/edit/throughline', (page) => page.getByLabel('URL', { exact: true })],
      ['the query editor', '/explore?ds=throughline', (page) => page.getByRole('button', { name: 'Run query' })],
    ]) {
      flow(`axe: ${what}, ${theme}`, async (page) => {
        await page.goto(`${site.url}${address}${address.includes('?') ? '&' : '?'}theme=${theme}`);
        await ready(page).waitFor();
        assert.deepEqual(await findings(page, 'body', what), []);
      });
    }
  }
}
