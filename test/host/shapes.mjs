// The traces of OpenTelemetry alone (test/shapes) as a test sees them: on the page, in the
// server's HTTP API and on the command line.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { counts, dashboard, flame, params, region, rows, site } from './dashboard.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/** The shapes that the fixture stores when it starts. */
export const USUAL = ['demo', 'demoslow', 'demofail', 'kafka', 'async', 'genai', 'nplus1', 'retry', 'fanout', 'three', 'one', 'consumerroot', 'skew', 'orphans', 'names', 'zero', 'allzero', 'long'];

/** Those of which every span was sent: nothing is missing of them. */
export const WHOLE = USUAL.filter((name) => name !== 'orphans');

/** The id of the trace of a shape that was stored last, or of its nth trace. */
export const traceOf = (shape, n = 0) => site.fixture.shapes[shape][n];

const themed = () => (site.theme ? `&theme=${site.theme}` : '');

/**
 * Opens a shape's trace, in a range that has all of them still when other flows ran before: the
 * dashboard's own begins after the oldest some minutes later.
 */
export async function openShape(page, shape, { n = 0, search = '' } = {}) {
  const range = /&from=/.test(search) ? '' : '&from=now-6h&to=now';
  await page.goto(`${dashboard()}?var-trace_id=${traceOf(shape, n)}${range}${themed()}${search}`);
  await counts(page).waitFor();
  await flame(page).waitFor();
}

/** The list of requests of the shapes' namespace. */
export async function openShop(page, search = '') {
  await page.goto(`${dashboard()}?var-namespace=shop${themed()}${search}`);
  await rows(page).first().waitFor();
}

/** The page shows the trace with that id. */
export const shows = (page, id) => page.waitForFunction((want) => new URL(window.location.href).searchParams.get('var-trace_id') === want, id).then(() => params(page));

/** What the server's HTTP API says of a trace. */
export async function apiTrace(id) {
  const answer = await fetch(`${site.fixture.server}/api/v1/traces/${id}`, { headers: { Authorization: 'Bearer fixture' } });
  assert.equal(answer.status, 200, `trace ${id}: ${answer.status}`);
  return answer.json();
}

/** What the command line prints of a trace. */
export async function cliTrace(id) {
  const { stdout } = await promisify(execFile)(path.join(root, 'bin/throughline'), ['trace', 'get', id, '--server', site.fixture.server, '--token', 'fixture', '--color', 'never'], { maxBuffer: 64 << 20 });
  return stdout;
}

/** The answer over the graph, without the words before it. */
export const answer = async (page) => (await page.getByTestId('sentence').innerText()).replace(/\s+/g, ' ').replace(/^Largest part: /, '');

/** What must be known beside it: [kind, words]. */
export const remarks = (page) => region(page).locator('.tl-remark').evaluateAll((all) => all.map((r) => [r.dataset.kind, r.querySelector('.tl-clip').textContent]));
