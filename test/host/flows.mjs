// What a user does, in a browser:
//
//   node test/host/flows.mjs [--on fixture,demo,code,pool,network,database | --url URL] [--only WORDS] [--docs docs]
//                            [--namespace webshop] [--expect "100 spans: 46 APP, 20 SYS, 34 NET"]
//                            [--screenshot docs/img/flame-graph.png] [--crowd TRACES] [--at-once PAGES]
//                            [--plugin FOLDER] [--list]
//
// --on: over which data, one after the other. fixture: the host with recorded traces in a store
// of its own. demo: the running `throughline demo webshop`; code, pool, network, database: the
// demo with --break of that name (root only). --url: a page that runs. Each flow says on what it
// can run: most on the fixture only; what must also hold of live requests, on the demo too.
// --docs writes the tour and its pictures; --crowd stores so many traces more in the fixture;
// --at-once: in so many pages beside each other; --plugin: the plugin and the page that were built
// in the checkout of another commit, to see that a flow fails there; --list: only names them. Exit status 1 if a flow fails, or if the demo
// leaves anything behind.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { launch, openPage, startFixture } from './browser.mjs';
import { options, site } from './dashboard.mjs';
import { startDemo } from './demo.mjs';
import accessibility from './flows/accessibility.mjs';
import attributes from './flows/attributes.mjs';
import compare from './flows/compare.mjs';
import dashboards from './flows/dashboards.mjs';
import differing from './flows/differing.mjs';
import drawers from './flows/drawers.mjs';
import exceptions from './flows/exceptions.mjs';
import exports from './flows/exports.mjs';
import files from './flows/files.mjs';
import filters from './flows/filters.mjs';
import find from './flows/find.mjs';
import finding from './flows/finding.mjs';
import folding from './flows/folding.mjs';
import framesAlone from './flows/framesAlone.mjs';
import german from './flows/german.mjs';
import gestures from './flows/gestures.mjs';
import graph from './flows/graph.mjs';
import hostile from './flows/hostile.mjs';
import keyboard from './flows/keyboard.mjs';
import large from './flows/large.mjs';
import links from './flows/links.mjs';
import otlp from './flows/otlp.mjs';
import overview from './flows/overview.mjs';
import pages from './flows/pages.mjs';
import pictures from './flows/pictures.mjs';
import requests from './flows/requests.mjs';
import sizes from './flows/sizes.mjs';
import states from './flows/states.mjs';
import tour, { writeTour } from './flows/tour.mjs';
import tourOtlp, { writeTourOtlp } from './flows/tourOtlp.mjs';
import views from './flows/views.mjs';
import zoom from './flows/zoom.mjs';

const flows = [];
// on: over which data it runs.
// allowed: patterns of problems that the flow provokes.
// alone: beside no other flow, because it changes what they share.
// defect: what is wrong with the product, so that the flow fails and is told apart.
const flowOn = (...usual) => (name, run, { allowed = [], on = usual, alone = false, defect } = {}) => flows.push({ name, run, allowed, on, alone, defect });
// The picture first: only then no other flow has opened anything.
[pictures, requests, dashboards, otlp, graph, zoom, drawers, german, gestures, sizes, states, finding, folding, large, keyboard, views, compare, filters, exceptions, links, attributes, differing, exports, files, pages, framesAlone, overview, accessibility, hostile].forEach((add) => add(flowOn('fixture')));
tour(flowOn('fixture', ...(options.docs ? ['demo'] : [])));
tourOtlp(flowOn('fixture'));
find(flowOn('fixture'));

async function runOne(browser, { name, run, allowed }) {
  const page = await openPage(browser);
  try {
    await run(page);
    const problems = [...new Set(page.problems)].filter((p) => !allowed.some((a) => a.test(p)));
    const refusals = problems.length > 0 ? await Promise.all(page.refusals) : [];
    assert.deepEqual(problems, [], ['problems in the page', ...refusals].join('\n'));
  } catch (error) {
    error.picture = path.join(options.out, `failed-${name.replace(/\W+/g, '-').slice(0, 60)}.png`);
    await page.screenshot({ path: error.picture }).catch(() => {});
    throw error;
  } finally {
    await page.close();
  }
}

/** Starts what `on` names and says so to the flows. */
async function open(on) {
  Object.assign(site, { fixture: undefined, demo: undefined, slow: undefined });
  if (options.url) {
    site.url = options.url;
  } else if (on === 'fixture') {
    site.fixture = await startFixture({ crowd: Number(options.crowd), plugin: options.plugin });
    site.url = site.fixture.url;
    site.slow = (what) => site.fixture.traces[what];
  } else {
    site.demo = await startDemo(on === 'demo' ? undefined : on);
    site.url = site.demo.url;
    site.slow = site.demo.slow;
  }
  site.url = site.url.replace(/\/+$/, '');
  return site.fixture ?? site.demo;
}

/** Runs a flow, and says and counts how it went. */
async function runAndTell(browser, one, n) {
  const started = performance.now();
  const error = await runOne(browser, one).catch((e) => e);
  const result = !error ? 'ok' : one.defect ? 'defect' : 'FAIL';
  n[result]++;
  console.log(`${result.padEnd(6)} ${one.name} (${Math.round(performance.now() - started)} ms)`);
  if (result === 'defect') {
    console.log(`  known: ${one.defect}`);
  } else if (error) {
    console.log('  ' + `${error.stack ?? error}\n${error.picture}`.slice(0, 1500).replaceAll('\n', '\n  '));
  } else if (one.defect) {
    console.log(`  is repaired, remove the mark: ${one.defect}`);
  }
}

/** Runs the flows that can run on it. */
async function runOn(on, browser, n) {
  const chosen = flows.filter((f) => (!options.only || new RegExp(options.only).test(f.name)) && f.on.includes(on));
  if (chosen.length === 0) {
    throw new Error(`no flow for --on ${on}${options.only ? ` --only '${options.only}'` : ''}`);
  }
  const together = chosen.filter((f) => !f.alone);
  const alone = chosen.filter((f) => f.alone);
  while (together.length + alone.length > 0) {
    await runWhileFresh(on, browser, n, together, alone);
  }
}

// Dashboards show the last 15 minutes, and what a fixture stores is made when it starts.
const FRESH = 4 * 60_000;

/** Runs flows, and takes them out of the lists, until there are none, or what is stored is old. */
async function runWhileFresh(on, browser, n, together, alone) {
  const started = performance.now();
  const data = await open(on);
  console.log(`on ${options.url ?? on}, after ${Math.round(performance.now() - started)} ms:`);
  const fresh = () => !site.fixture || options.docs || performance.now() - started < FRESH;
  const failed = n.FAIL;
  const runAll = async (list) => {
    do {
      await runAndTell(browser, list.shift(), n);
    } while (list.length > 0 && fresh());
  };
  try {
    // The tour is told in one theme after the other.
    const pages = Math.min(together.length, options.docs ? 1 : Number(options['at-once']));
    await Promise.all(Array.from({ length: pages }, () => (together.length > 0 ? runAll(together) : null)));
    if (together.length === 0 && alone.length > 0) {
      await runAll(alone);
    }
  } finally {
    if (n.FAIL > failed) {
      fs.writeFileSync(path.join(options.out, `host-${on}.log`), (data?.log ?? []).join('\n'));
    }
    await data?.stop();
  }
}

async function main() {
  if (options.list) {
    console.log(flows.map((f) => f.name).join('\n'));
    return;
  }
  fs.mkdirSync(options.out, { recursive: true });
  const browser = await launch();
  const n = { ok: 0, FAIL: 0, defect: 0 };
  try {
    for (const on of options.url ? ['demo'] : options.on.split(',')) {
      await runOn(on, browser, n);
    }
  } finally {
    await browser.close();
  }
  console.log(`${n.ok} of ${n.ok + n.FAIL + n.defect} flows passed, ${n.FAIL} failed, ${n.defect} show a known defect`);
  process.exitCode = n.FAIL > 0 ? 1 : 0;
  if (options.docs && n.FAIL === 0) {
    writeTour();
    writeTourOtlp();
  }
}
await main();
