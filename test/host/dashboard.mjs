// The dashboard as a test sees it: where things are, what they say, and what the data source
// answered.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

export const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    on: { type: 'string', default: 'fixture' },
    namespace: { type: 'string', default: 'webshop' },
    expect: { type: 'string', default: '100 spans: 46 APP, 20 SYS, 34 NET' },
    screenshot: { type: 'string' },
    docs: { type: 'string' },
    out: { type: 'string', default: 'test-results/browser' },
    only: { type: 'string' },
    clicks: { type: 'string', default: '3' },
    crowd: { type: 'string', default: '0' },
    plugin: { type: 'string' },
    list: { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '1' },
  },
});

/**
 * Where the page is, and what is behind it: the fixture, or the demo. slow(what) is the id of
 * a trace in which that was made slow. Set by flows.mjs.
 */
export const site = { url: '', fixture: undefined, demo: undefined, slow: undefined, theme: undefined };

/** Settings of a flow that must also hold of live requests. */
export const ALSO_LIVE = { on: ['fixture', 'demo'] };

export const dashboard = () => `${site.url}/d/Distributed_Tracing/distributed-tracing`;

/** The list of the namespace. The demo's goes on growing: there, the requests of a fixed time. */
export const home = (search = '') => {
  const range = site.demo && !/&from=/.test(search) ? `&from=${site.demo.range.from}&to=${site.demo.range.to}` : '';
  return `${dashboard()}?var-namespace=${encodeURIComponent(options.namespace)}${range}${site.theme ? `&theme=${site.theme}` : ''}${search}`;
};

export const params = (page) => new URL(page.url()).searchParams;
export const rows = (page) => page.locator('[role=row]:has([role=gridcell])');
export const flame = (page) => page.getByTestId('throughline-flame');
export const counts = (page) => page.getByTestId('counts');
export const lastSearch = (page) => page.queries.filter((q) => q.queryType === 'search').at(-1);
export const sentence = (page) => page.getByTestId('sentence');
export const region = (page) => page.getByRole('region', { name: 'Trace', exact: true });
export const tab = (page, name) => page.getByRole('tab', { name, exact: true });
export const drawer = (page) => page.getByLabel('Details of the selected span');
/** What a screen reader is told of the selected span. */
export const spoken = (page) => region(page).locator(':scope > [aria-live=polite]');

/** Opens the first trace of the list: the reference trace. */
export const openFirst = async (page) => {
  await page.goto(home());
  await rows(page).first().waitFor();
  await rows(page).first().locator('a').first().click();
  await flame(page).waitFor();
};

// Bars are on a canvas: look for a place at which the pointer finds one.
export async function hoverBar(page) {
  const box = await flame(page).boundingBox();
  for (let y = 80; y < Math.min(box.height, 500); y += 6) {
    await page.mouse.move(box.x + box.width * 0.3, box.y + y);
    if (await page.getByRole('tooltip').isVisible()) {
      return { x: box.x + box.width * 0.3, y: box.y + y };
    }
  }
  throw new Error('no bar under the pointer');
}

export const pixels = (page) =>
  page.evaluate(() => {
    const canvas = document.querySelector('canvas[data-testid=throughline-flame]');
    return canvas.toDataURL().length + canvas.toDataURL().slice(-2000);
  });


/** Opens a trace by its id. */
export async function openTrace(page, id, search = '') {
  await page.goto(home(`&var-trace_id=${id}${search}`));
  await counts(page).waitFor();
}

/** Selects a span of the open trace, as a link to it does. */
export async function selectSpan(page, id) {
  const url = new URL(page.url());
  url.searchParams.set('var-span_id', id);
  await page.goto(url.href);
  await drawer(page).getByText(id).first().waitFor();
}

/** The spans of the trace on the page, in pre-order: what the data source answered. */
export async function answered(page) {
  const answers = await Promise.all(page.answers);
  const frame = answers
    .flatMap((a) => Object.values(a?.results ?? {}).flatMap((r) => r.frames ?? []))
    .filter((f) => f.schema?.meta?.custom?.throughline === 'trace')
    .at(-1);
  if (!frame) {
    throw new Error('the data source answered no trace');
  }
  const columns = columnsOf(frame);
  const spans = frame.data.values[0].map((_, i) => Object.fromEntries(columns.map(([name, at]) => [name, at(i)])));
  spans.forEach((s) => (s.depth = s.parentIdx < 0 ? 0 : spans[s.parentIdx].depth + 1)); // parents come first
  if (site.demo) {
    assertStored(spans, frame.schema.meta.custom, await site.demo.trace(frame.schema.meta.custom.traceId));
  }
  return Object.assign(spans, { meta: frame.schema.meta.custom });
}

const TEXTS = ['source', 'point', 'kind', 'service', 'name', 'node', 'pod', 'ofPod', 'namespace', 'interface', 'interfaceType', 'tunnel', 'protocol',
  'request', 'client', 'server', 'status', 'rule', 'reason', 'confidence', 'orphan', 'events'];

/** Makes a trace's frame one of plain columns, so that rows can be added. */
export function spell(frame) {
  const rows = frame.data.values[0].length;
  const columns = columnsOf(frame);
  frame.data.values = columns.map(([, at]) => Array.from({ length: rows }, (_, i) => at(i)));
  frame.schema.fields = columns.map(([name], k) => ({ name, type: typeof frame.data.values[k][0] === 'number' ? 'number' : 'string' }));
  delete frame.schema.meta.custom.shared;
}

/** Each trace is changed on its way to the page: `change` is given its columns by name, to write into. */
export async function changeTraces(page, change) {
  await page.route('**/api/ds/query*', async (route) => {
    if (!route.request().postData().includes('"queryType":"trace"')) {
      await route.continue();
      return;
    }
    const response = await route.fetch();
    const answer = await response.json();
    for (const frame of Object.values(answer.results ?? {}).flatMap((r) => r.frames ?? [])) {
      if (frame.schema.fields.some((f) => f.name === 'parentIdx')) {
        spell(frame);
        change(Object.fromEntries(frame.schema.fields.map((f, k) => [f.name, frame.data.values[k]])));
      }
    }
    await route.fulfill({ response, json: answer });
  });
}

/** A row more at the end; what is not said of it is empty. */
export function addRow(columns, row) {
  for (const [name, values] of Object.entries(columns)) {
    values.push(row[name] ?? (typeof values[0] === 'number' ? 0 : typeof values[0] === 'boolean' ? false : ''));
  }
}

/** Runs the dashboard's queries again by its button, without moving the pointer. */
export const refresh = (page) => page.getByTestId('data-testid RefreshPicker run button').press('Enter');

/** The columns of a trace's frame as [name, row => value]: texts come by number, and are left out where they are empty. */
function columnsOf({ schema, data }) {
  const columns = new Map(TEXTS.map((name) => [name, () => '']));
  schema.fields.forEach(({ name, config }, k) => {
    const words = config?.type?.enum?.text;
    columns.set(name, words ? (i) => words[data.values[k][i]] : (i) => data.values[k][i]);
  });
  const shared = schema.meta.custom.shared;
  for (const [name, words] of Object.entries(shared?.columns ?? {})) {
    columns.set(name, (i) => words[columns.get(shared.field)(i)]);
  }
  const [words, value] = [columns.get('reason'), columns.get('reasonValue') ?? (() => '')];
  columns.set('reason', (i) => words(i).replace('\u0001', () => value(i)));
  return [...columns];
}

/** The data source answered what the server's HTTP API says of the trace. */
function assertStored(spans, meta, trace) {
  assert.equal(meta.traceId, trace.trace_id);
  assert.deepEqual(
    spans.map((s) => [s.id, spans[s.parentIdx]?.id ?? null, s.source, s.point, s.service, s.name, s.node, s.pod, s.tunnel, s.reason]),
    trace.spans.map((s) => [s.id, s.parent, s.source, s.observation_point, s.service ?? '', s.name, s.node, s.pod ?? '', s.tunnel ?? '', s.reason ?? ''])
  );
  // Times by the difference: nanoseconds since 1970 are no whole numbers in JavaScript.
  for (const [i, s] of trace.spans.entries()) {
    assert.ok(Math.abs(spans[i].offset - (s.start - trace.spans[0].start)) < 1000, `start of ${s.id}`);
    assert.ok(Math.abs(spans[i].duration - (s.end - s.start)) < 1000, `duration of ${s.id}`);
  }
}

/** Saves a picture for the documentation, if it was asked for; returns its name. */
export async function picture(page, name, what = page, settings = {}) {
  const folder = options.docs ? path.join(options.docs, 'img') : options.out;
  fs.mkdirSync(folder, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await what.screenshot({ path: path.join(folder, `${name}.png`), ...settings });
  return `${name}.png`;
}

/** Presses a button of the toolbar by its name, in the menu of what has no room where it is there. */
export async function pressTool(page, name) {
  const button = page.getByRole('button', { name, exact: true });
  const more = region(page).getByRole('button', { name: 'More actions' });
  await button.or(more).first().waitFor();
  if (await button.isVisible()) {
    await button.click();
    return;
  }
  await more.click();
  await button.click();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'More actions' }).waitFor({ state: 'hidden' });
}
