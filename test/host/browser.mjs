// A browser on the page, and what went wrong in it.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { chromium } from 'playwright-core';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Starts the host with the fixture's traces, those of the webshop too, and the plugin that is built in dist. It ends with
 * its standard input, so also when this process is killed.
 */
export async function startFixture({ crowd = 0, plugin = root, webshop = true } = {}) {
  const binary = path.join(root, 'bin/throughline-host');
  const built = spawnSync('go', ['build', '-o', binary, './test/host'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) {
    throw new Error('go build ./test/host failed');
  }
  const host = spawn(binary, ['-fixture', '-control', '-root', plugin, '-crowd', String(crowd), `-webshop=${webshop}`], { stdio: ['pipe', 'pipe', 'pipe'] });
  const log = [];
  readline.createInterface(host.stderr).on('line', (line) => log.push(line));
  const lines = readline.createInterface(host.stdout)[Symbol.asyncIterator]();
  const stopped = new Promise((resolve) => host.once('exit', resolve));
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) {
      throw new Error(`the host ended with status ${await stopped}:\n${log.slice(-20).join('\n')}`);
    }
    return value.trim();
  };
  const ask = async (command) => {
    host.stdin.write(`${command}\n`);
    const said = await answer();
    if (said.startsWith('error: ')) {
      throw new Error(`${command}: ${said}`);
    }
    return said;
  };
  const url = await answer();
  const fixture = {
    url,
    log, // what host, server and backend wrote
    server: await ask('server'), // its HTTP API
    traces: JSON.parse(await ask('traces')),
    shapes: JSON.parse(await ask('shapes')), // of test/shapes: trace ids, the last one stored first
    storeShape: async (name) => (fixture.shapes = JSON.parse(await ask(`shape ${name}`))),
    stopStore: () => ask('store stop'),
    startStore: () => ask('store start'),
    serveBelow: (path) => ask(`serve ${path}`),
    stop: async () => {
      host.stdin.end();
      await stopped;
    },
  };
  return fixture;
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox', // root on a test machine
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page that keeps its problems and its calls of the API. */
export async function openPage(browser, viewport = { width: 1440, height: 1100 }) {
  // One context for all: scripts come from its cache, as they do for a user.
  const context = browser.contexts()[0] ?? (await browser.newContext({ viewport, deviceScaleFactor: 1 }));
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.problems = [];
  page.queries = []; // what the page asked the data source
  page.answers = []; // promises of what came back
  page.calls = []; // both together, with the time range
  page.on('pageerror', (e) => page.problems.push(`page error: ${e.stack ?? e}`));
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') {
      page.problems.push(`console.${m.type()}: ${m.text().slice(0, 600)}`);
    }
  });
  page.refusals = []; // promises of what came with a status that is a problem
  page.on('response', (r) => {
    if (r.status() >= 400) {
      page.problems.push(`${r.status()} ${new URL(r.url()).pathname}`);
      page.refusals.push(r.text().then((text) => text.slice(0, 600)).catch((e) => `not read: ${e.message}`));
    }
  });
  const isQuery = (url) => new URL(url).pathname.endsWith('/api/ds/query');
  page.on('request', (r) => isQuery(r.url()) && page.queries.push(...JSON.parse(r.postData()).queries));
  page.on('response', (r) => {
    if (isQuery(r.url())) {
      const answer = r.json().catch(() => undefined);
      page.answers.push(answer);
      page.calls.push({ ...JSON.parse(r.request().postData()), answer });
    }
  });
  return page;
}
