// A browser on the page, and what went wrong in it.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { chromium } from 'playwright-core';

const root = path.resolve(import.meta.dirname, '../..');

/** Starts the host with the fixture's traces; returns its URL and how to stop it. */
export async function startFixture() {
  const binary = path.join(root, 'bin/throughline-host');
  const built = spawnSync('go', ['build', '-o', binary, './test/host'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) {
    throw new Error('go build ./test/host failed');
  }
  const host = spawn(binary, ['-fixture', '-root', root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((resolve, reject) => {
    readline.createInterface(host.stdout).once('line', (line) => resolve(line.trim()));
    host.once('exit', (code) => reject(new Error(`the host ended with status ${code}`)));
  });
  const stopped = new Promise((resolve) => host.once('exit', resolve));
  return {
    url,
    stop: async () => {
      host.kill('SIGTERM');
      await stopped;
    },
  };
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
  const page = await browser.newPage({ viewport, deviceScaleFactor: 1 });
  page.problems = [];
  page.queries = [];
  page.on('pageerror', (e) => page.problems.push(`page error: ${e.stack ?? e}`));
  page.on('console', (m) => {
    if (m.type() === 'error' || m.type() === 'warning') {
      page.problems.push(`console.${m.type()}: ${m.text().slice(0, 600)}`);
    }
  });
  page.on('response', (r) => r.status() >= 400 && page.problems.push(`${r.status()} ${new URL(r.url()).pathname}`));
  page.on('request', (r) => {
    if (r.url().endsWith('/api/ds/query') || r.url().includes('/api/ds/query?')) {
      page.queries.push(...JSON.parse(r.postData()).queries);
    }
  });
  return page;
}
