// axe-core on every view, menu and page of ours, in both themes: no serious or critical
// finding. Left out is Grafana's own refresh picker, whose button has no name.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { drawer, flame, home, region, rows, site } from '../dashboard.mjs';
import { openShape } from '../shapes.mjs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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
      const panel = '[role=region][aria-label=Trace]';
      const found = [];
      const check = async (where) => found.push(...(await findings(page, panel, where)));
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
      const check = async (where) => found.push(...(await findings(page, '[role=region][aria-label=Trace]', where)));
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

    flow(`axe: the panel without a trace, ${theme}`, async (page) => {
      await page.goto(home(`&theme=${theme}`));
      await region(page).waitFor();
      assert.deepEqual(await findings(page, '[role=region][aria-label=Trace]', 'empty'), []);
      await page.goto(home(`&theme=${theme}&var-trace_id=xyz`));
      await region(page).getByRole('alert').waitFor();
      assert.deepEqual(await findings(page, '[role=region][aria-label=Trace]', 'failed'), []);
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
