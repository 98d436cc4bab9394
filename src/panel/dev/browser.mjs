// Builds the page of page.tsx and opens it in Chromium. Used by the pictures and by the
// measurements next to this file.
/* global process */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Calls back with a function that opens the page for an address part and a size. */
export async function withPanel(work) {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'throughline-panel-'));
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    // The worker's file: of a page in a file a browser makes workers only from text.
    const worker = await build({ entryPoints: [path.join(here, '../../trace/worker/trace.worker.ts')], bundle: true, write: false, logLevel: 'warning' });
    await build({
      entryPoints: [path.join(here, 'page.tsx')],
      bundle: true,
      outfile: path.join(dir, 'page.js'),
      define: { 'process.env.NODE_ENV': '"production"', TRACE_WORKER: JSON.stringify(worker.outputFiles[0].text) },
      jsx: 'transform',
      logLevel: 'warning',
      logOverride: { 'empty-import-meta': 'silent' }, // only webpack knows where the worker's file is
    });
    await writeFile(
      path.join(dir, 'index.html'),
      '<!doctype html><meta charset="utf-8"><style>html,body{margin:0;height:100%}#panel{height:100%}</style><div id="panel"></div><script src="page.js"></script>'
    );
    const open = async (hash, { width = 1600, height = 900, scale = 1, shape, before } = {}) => {
      const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: scale });
      if (shape) {
        await page.addInitScript(`window.shape = ${await readFile(path.join(here, `../../../testdata/account/${shape}.json`), 'utf8')}`);
      }
      if (before) {
        await page.addInitScript(before);
      }
      const problems = [];
      page.on('pageerror', (e) => problems.push(String(e)));
      page.on('console', (m) => m.type() === 'error' && problems.push(m.text()));
      await page.goto(`${pathToFileURL(path.join(dir, 'index.html'))}#${hash}`);
      await page.waitForSelector('.tl');
      await page.waitForTimeout(250);
      return { page, problems };
    };
    await work(open);
  } finally {
    await browser.close();
    await rm(dir, { recursive: true, force: true });
  }
}
