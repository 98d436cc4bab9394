// What a user does, in a browser:
//
//   node test/host/flows.mjs [--url URL] [--namespace webshop] [--expect "100 spans: 46 APP, 20 SYS, 34 NET"]
//                            [--screenshot docs/img/flame-graph.png] [--docs docs] [--only WORDS] [--crowd TRACES]
//
// Without --url it starts the host with the fixture's traces in a store of its own. The page
// that `throughline demo webshop` prints serves as well; flows that need the fixture are then
// left out. --docs writes the tour and its pictures; --crowd stores so many traces more. Exit status 1 if a flow fails.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { launch, openPage, startFixture } from './browser.mjs';
import { options, site } from './dashboard.mjs';
import accessibility from './flows/accessibility.mjs';
import exports from './flows/exports.mjs';
import filters from './flows/filters.mjs';
import graph from './flows/graph.mjs';
import hostile from './flows/hostile.mjs';
import keyboard from './flows/keyboard.mjs';
import pages from './flows/pages.mjs';
import pictures from './flows/pictures.mjs';
import requests from './flows/requests.mjs';
import tour from './flows/tour.mjs';
import views from './flows/views.mjs';

const flows = [];
// allowed: patterns of problems that the flow provokes. fixture: it needs the fixture.
// defect: what is wrong with the product, so that the flow fails and is told apart.
const flow = (name, run, { allowed = [], fixture = false, defect } = {}) => flows.push({ name, run, allowed, fixture, defect });
// The picture first: only then no other flow has opened anything.
[pictures, requests, graph, keyboard, views, filters, exports, pages, accessibility, tour, hostile].forEach((add) => add(flow));

async function runOne(browser, { name, run, allowed }) {
  const page = await openPage(browser);
  try {
    await run(page);
    const problems = [...new Set(page.problems)].filter((p) => !allowed.some((a) => a.test(p)));
    assert.deepEqual(problems, [], 'problems in the page');
  } catch (error) {
    error.picture = path.join(options.out, `failed-${name.replace(/\W+/g, '-').slice(0, 60)}.png`);
    await page.screenshot({ path: error.picture }).catch(() => {});
    throw error;
  } finally {
    await page.close();
  }
}

async function main() {
  fs.mkdirSync(options.out, { recursive: true });
  const chosen = flows.filter(({ name, fixture }) => (!options.only || name.includes(options.only)) && (!fixture || !options.url));
  site.fixture = options.url ? undefined : await startFixture(Number(options.crowd));
  site.url = (options.url ?? site.fixture.url).replace(/\/+$/, '');
  const browser = await launch();
  const n = { ok: 0, FAIL: 0, defect: 0 };
  try {
    for (const one of chosen) {
      const started = performance.now();
      const error = await runOne(browser, one).catch((e) => e);
      const result = !error ? 'ok' : one.defect ? 'defect' : 'FAIL';
      n[result]++;
      console.log(`${result.padEnd(6)} ${one.name} (${Math.round(performance.now() - started)} ms)`);
      if (result === 'defect') {
        console.log(`  known: ${one.defect}`);
      } else if (error) {
        console.log('  ' + `${error.stack ?? error}\n${error.picture}`.slice(0, 3000).replaceAll('\n', '\n  '));
      } else if (one.defect) {
        console.log(`  is repaired, remove the mark: ${one.defect}`);
      }
    }
  } finally {
    await browser.close();
    await site.fixture?.stop();
  }
  console.log(`${n.ok} of ${chosen.length} flows passed, ${n.FAIL} failed, ${n.defect} show a known defect`);
  if (n.FAIL > 0) {
    fs.writeFileSync(path.join(options.out, 'host.log'), (site.fixture?.log ?? []).join('\n'));
    process.exitCode = 1;
  }
}
await main();
