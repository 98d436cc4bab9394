// The dashboards beside the flame graph: what their panels show is what the data source
// answered, and their links lead on.
import assert from 'node:assert/strict';
import { flame, lastSearch, options, params, rows, site } from '../dashboard.mjs';
import { says } from '../figure.mjs';

const panel = (page, title) => page.locator(`section[data-testid="data-testid Panel header ${title}"]`);

async function openDashboard(page, uid, search = '') {
  await page.setViewportSize({ width: 1440, height: 1600 }); // all panels in view
  await page.goto(`${site.url}/d/${uid}?var-namespace=${options.namespace}${search}`);
}

/** What the data source answered to the last query that `matches`: frames as rows of objects, and the query's range. */
async function answerTo(page, matches) {
  const call = page.calls.findLast((c) => c.queries.some(matches));
  assert.ok(call, 'the page has asked');
  const { refId } = call.queries.find(matches);
  const { frames } = (await call.answer).results[refId];
  const tables = frames.map(({ schema, data }) =>
    Object.assign(
      (data.values[0] ?? []).map((_, i) => Object.fromEntries(schema.fields.map((f, k) => [f.name, data.values[k][i]]))),
      { schema }
    )
  );
  return { frames: tables, from: Number(call.from), to: Number(call.to) };
}

/** What the tooltip of a graph says at a share of its width. A graph that is drawn anew loses its tooltip: point again. */
async function tooltipAt(page, over, share, word) {
  const tooltip = page.getByTestId('tooltip').filter({ hasText: word });
  for (let tries = 0; tries < 20; tries++) {
    const box = await over.boundingBox();
    await page.mouse.move(box.x + share * box.width, box.y + box.height * 0.4);
    await page.mouse.move(box.x + share * box.width, box.y + box.height / 2 + tries);
    const said = await tooltip.innerText({ timeout: 500 }).catch(() => '');
    if (said) {
      return said;
    }
  }
  throw new Error(`no tooltip with ${word}`);
}

/** Each series of a graph, at the time at which most have a value: in the tooltip as it was answered. */
async function assertGraph(page, title, matches) {
  const over = panel(page, title).locator('.u-over');
  await over.waitFor();
  const { frames, from, to } = await answerTo(page, matches);
  const series = frames.map((rows) => {
    const [time, value] = rows.schema.fields;
    return { name: Object.values(value.labels).join(' '), points: new Map(rows.map((r) => [r[time.name], r[value.name]])) };
  });
  assert.ok(series.length > 1, `${title}: ${series.length} series`);
  const known = (time) => series.filter((s) => s.points.get(time) != null).length;
  const times = [...new Set(series.flatMap((s) => [...s.points.keys()]))].sort((a, b) => known(b) - known(a) || b - a);
  const at = times.find((t) => t > from && t < to);
  const said = await tooltipAt(page, over, (at - from) / (to - from), series[0].name);
  const lines = said.split('\n').slice(1);
  const shown = new Map(lines.flatMap((line, i) => (i % 2 ? [] : [[line, lines[i + 1]]])));
  for (const { name, points } of series) {
    const value = points.get(at);
    const [, text] = [...shown].find(([l]) => l === name) ?? [];
    if (value != null) {
      assert.ok(text && says(text, value), `${title}, ${name} at ${new Date(at).toISOString()}: ${text} for ${value}, of ${[...shown]}`);
    }
  }
}

/** The rows that a table shows are rows of the answer, cell for cell. */
async function assertTable(page, title, matches, { text, figures }) {
  const lines = panel(page, title).locator('[role=row]:has([role=gridcell])');
  await lines.first().waitFor();
  const { frames: [answer] } = await answerTo(page, matches); // prettier-ignore
  const shown = await lines.evaluateAll((list) => list.map((row) => [...row.querySelectorAll('[role=gridcell]')].map((c) => c.innerText)));
  assert.ok(shown.length > 0 && shown.length <= answer.length);
  const left = new Set(answer);
  for (const cells of shown) {
    const row = [...left].find(
      (r) =>
        text.every((name, k) => cells[k].startsWith(r[name])) &&
        figures.every((name, k) => cells.length <= text.length + k || says(cells[text.length + k].replace('\n', ''), r[name]))
    );
    assert.ok(row, `no row of the answer is ${cells}`);
    left.delete(row);
  }
  return shown.length;
}

const follow = (page, link) => page.getByRole('link', { name: link }).or(page.getByRole('button', { name: link })).first().click();

const metrics = (metric, format) => (q) => q.queryType === 'metrics' && q.metrics?.includes(metric) && q.format === format;

export default function (flow) {
  flow('Services: rate, errors and duration are what was answered', async (page) => {
    await openDashboard(page, 'throughline-services');
    for (const [title, metric] of [
      ['Requests', 'rate'],
      ['Errors', 'errorRatio'],
      ['Duration, p99', 'p99'],
    ]) {
      await assertGraph(page, title, metrics(metric, 'timeseries'));
    }
    const n = await assertTable(page, 'Services', metrics('rate', 'table'), {
      text: ['service', 'workload', 'namespace'],
      figures: ['rate', 'errorRatio', 'p50', 'p90', 'p99'],
    });
    assert.equal(n, 6, 'all services that serve');
  });

  flow('Services: the map has all calls, and a service leads to its requests', async (page) => {
    await openDashboard(page, 'throughline-services');
    const map = panel(page, 'Map').getByRole('group', { name: 'Node graph' });
    await map.waitFor();
    const { frames: [nodes, edges] } = await answerTo(page, (q) => q.queryType === 'serviceMap'); // prettier-ignore
    for (const n of nodes) {
      const label = await map.locator(`g[aria-label^="${n.title}: "]`).getAttribute('aria-label');
      const [requests, p99] = label.slice(n.title.length + 2).split(', ');
      assert.ok(says(requests, n.mainstat) && says(p99, n.secondarystat * 1e6), `${label} for ${n.mainstat}, ${n.secondarystat}`);
    }
    for (const e of edges) {
      const label = await map.locator(`g[aria-label^="${e.source} → ${e.target}: "]`).getAttribute('aria-label');
      const [requests, p99] = label.split(': ')[1].split(', ');
      assert.ok(says(requests, e.mainstat) && says(p99, e.secondarystat * 1e6), `${label} for ${e.mainstat}, ${e.secondarystat}`);
    }
    const pairs = edges.map((e) => `${e.source} → ${e.target}`).sort();
    assert.equal(pairs.length, 7, `calls between pods: ${pairs}`);
    await map.locator('g[aria-label^="svc-stock: "]').click();
    await page.waitForURL(/\/explore/);
    await page.getByTestId('frames').filter({ hasText: /[1-9]\d* rows/ }).waitFor();
    assert.equal(lastSearch(page).service, 'svc-stock');
  });

  flow('Services: the map of OpenTelemetry alone has calls, peers without spans, and topics', async (page) => {
    await page.setViewportSize({ width: 1440, height: 1600 });
    await page.goto(`${site.url}/d/throughline-services?var-namespace=shop&from=now-6h&to=now`);
    const map = panel(page, 'Map').getByRole('group', { name: 'Node graph' });
    await map.waitFor();
    const { frames: [nodes, edges] } = await answerTo(page, (q) => q.queryType === 'serviceMap'); // prettier-ignore
    const title = (id) => nodes.find((n) => n.id === id).title;
    const calls = edges.map((e) => `${title(e.source)} → ${title(e.target)}`);
    const has = (...want) => assert.deepEqual(want.filter((call) => !calls.includes(call)), [], calls.join(', '));
    has('frontend → checkout', 'checkout → payment', 'shipping → quote'); // SERVER under CLIENT
    has('cart → valkey-cart', 'product-catalog → PostgreSQL', 'assistant-api → api.openai.com', 'export-worker → objects'); // who sends no spans
    has('checkout → orders (topic)', 'orders (topic) → accounting', 'orders (topic) → fraud-detection', 'api → exports', 'exports → export-worker'); // through a topic
    assert.deepEqual(edges.filter((e) => e.source === e.target).map((e) => title(e.source)), [], 'nobody calls itself');
    // Each is drawn, with its figures.
    for (const e of edges) {
      const label = await map.locator(`g[aria-label^="${e.source} → ${e.target}: "]`).getAttribute('aria-label');
      assert.ok(says(label.split(': ')[1].split(', ')[0], e.mainstat), `${label} for ${e.mainstat}`);
    }
  });

  flow('Services: the heatmap counts every request', async (page) => {
    await openDashboard(page, 'throughline-services');
    const canvas = panel(page, 'Durations').getByTestId('heatmap-panel');
    await canvas.waitFor();
    const { frames: [cells] } = await answerTo(page, (q) => q.format === 'heatmap'); // prettier-ignore
    const { frames: [table] } = await answerTo(page, metrics('rate', 'table')); // prettier-ignore
    assert.ok(cells.reduce((n, c) => n + c.count, 0) > 0 && table.length > 0);
    // The fullest cell under the pointer.
    const box = await canvas.boundingBox();
    const { from, to } = await answerTo(page, (q) => q.format === 'heatmap');
    const step = cells.schema.meta.custom.stepMs;
    const column = cells.find((c) => c.xMax < to && c.xMax - step > from).xMax;
    const x = box.x + 72 + ((column - step / 2 - from) / (to - from)) * (box.width - 72);
    const seen = [];
    for (let y = 2; y < box.height - 20; y += 2) {
      await page.mouse.move(x, box.y + y);
      const said = await page.evaluate(() => document.querySelector('[data-testid=cell]')?.innerText.replace(/\s+/g, ' ') ?? '');
      if (said && said !== seen.at(-1)) {
        seen.push(said);
      }
    }
    const shown = seen.map((said) => Number(/Count (\d+)/.exec(said)[1]));
    const expected = cells.filter((c) => c.xMax === column).sort((a, b) => b.yMax - a.yMax).map((c) => c.count); // prettier-ignore
    assert.deepEqual(shown, expected, 'every cell of a minute, from the slowest down');
  });

  flow('Services: links keep what was chosen', async (page) => {
    await openDashboard(page, 'throughline-services');
    const cell = panel(page, 'Services').getByRole('gridcell', { name: 'svc-order' }).first();
    await cell.locator('a').click();
    await follow(page, 'Network path of this service');
    await page.waitForURL(/\/d\/throughline-network/);
    assert.deepEqual([params(page).get('var-namespace'), params(page).get('var-service')], [options.namespace, 'svc-order']);
    await panel(page, 'Hops').locator('[role=row]:has([role=gridcell])').first().waitFor();
    await page.getByRole('link', { name: 'Services' }).click();
    await page.waitForURL(/\/d\/throughline-services/);
    assert.deepEqual([params(page).get('var-namespace'), params(page).get('var-service')], [options.namespace, 'svc-order'], 'the way back');
    await panel(page, 'Services').getByRole('gridcell', { name: 'svc-order' }).first().locator('a').click();
    await follow(page, 'Requests of this workload');
    await page.waitForURL(/\/d\/Distributed_Tracing/);
    await rows(page).first().waitFor();
    assert.equal(lastSearch(page).workload, 'svc-order');
  });

  flow('Services: a point of a graph leads to the requests of its time', async (page) => {
    await openDashboard(page, 'throughline-services', '&from=now-5m&to=now');
    const over = panel(page, 'Requests').locator('.u-over');
    await over.waitFor();
    const { from, to } = await answerTo(page, metrics('rate', 'timeseries'));
    await tooltipAt(page, over, 0.9, 'svc-');
    // A click holds the tooltip; links are those of the series near the pointer.
    const link = page.getByText('Requests at this time');
    const box = await over.boundingBox();
    for (let y = 5; y < box.height && !(await link.isVisible()); y += 20) {
      await page.keyboard.press('Escape');
      await page.mouse.move(box.x + box.width * 0.9, box.y + y);
      await page.mouse.down();
      await page.mouse.up();
      await link.waitFor({ timeout: 500 }).catch(() => {});
    }
    await link.click();
    await page.waitForURL(/\/d\/Distributed_Tracing/);
    const at = Number(params(page).get('from')) || Date.parse(params(page).get('from'));
    assert.ok(at >= from - 60_000 && at <= to, `${at} between ${from} and ${to}`);
    assert.equal(params(page).get('var-namespace'), options.namespace);
  });

  flow('Network path: the time at each hop is what was answered', async (page) => {
    await openDashboard(page, 'throughline-network');
    for (const [title, metric] of [
      ['Duration by hop, p50', 'p50'],
      ['Duration by hop, p99', 'p99'],
    ]) {
      await assertGraph(page, title, metrics(metric, 'timeseries'));
    }
    await assertGraph(page, 'Seen by node', (q) => metrics('rate', 'timeseries')(q) && q.groupBy.includes('node'));
    await panel(page, 'Hops').locator('[role=row]:has([role=gridcell])').first().waitFor();
    const { frames: [hops] } = await answerTo(page, metrics('p50', 'table')); // prettier-ignore
    // One way, as its points tell it: each sees less than the one before.
    const way = ['c-p', 'c', 'c-nd', 's-nd', 's', 's-p'].map((point) => hops.find((h) => h.request === 'GET /full-test' && h.point === point));
    assert.ok(way.every(Boolean), 'all six points');
    way.slice(1).forEach((h, k) => assert.ok(h.p50 <= way[k].p50 * 1.05, `${h.point} ${h.p50} is inside ${way[k].point} ${way[k].p50}`));
  });

  // Beside Grafana's menu the width is the window's less 240 px or so.
  for (const [uid, title] of [['throughline-network', 'Hops'], ['throughline-services', 'Services']]) {
    flow(`${title}: no column is cut off in a window of 1280 px`, async (page) => {
      await openDashboard(page, uid);
      await page.setViewportSize({ width: 1040, height: 1600 });
      const headers = panel(page, title).getByRole('columnheader');
      await headers.last().waitFor();
      const right = (await panel(page, title).boundingBox()).x + (await panel(page, title).boundingBox()).width;
      const { frames: [answer] } = await answerTo(page, metrics(title === 'Hops' ? 'p50' : 'rate', 'table')); // prettier-ignore
      await assert.doesNotReject(headers.nth(answer.schema.fields.length - 1).waitFor(), 'all columns are drawn');
      const edges = await headers.evaluateAll((all) => all.map((h) => Math.round(h.getBoundingClientRect().right)));
      assert.ok(Math.max(...edges) <= right, `columns end at ${edges}, the panel at ${right}`);
    });
  }

  flow('Network path: a hop leads to the requests of its name', async (page) => {
    await openDashboard(page, 'throughline-network');
    await panel(page, 'Hops').getByRole('gridcell', { name: 'COMMIT' }).first().locator('a').click();
    await page.waitForURL(/\/d\/Distributed_Tracing/);
    await rows(page).first().waitFor();
    assert.equal(lastSearch(page).requestResource, 'COMMIT');
  });

  flow('Distributed Tracing: at first the list and where a trace will be are both in a window of 1280 × 800', async (page) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${site.url}/d/Distributed_Tracing`);
    await rows(page).nth(4).waitFor();
    const inView = async (what, least) => {
      const box = await what.boundingBox();
      assert.ok(box.y + least <= 800, `${await what.innerText()} is at ${box.y}`);
    };
    await inView(page.getByText('No trace selected'), 20);
    await inView(page.getByLabel('Trace id'), 28); // the box to paste an id into
    await rows(page).first().locator('a').first().click();
    await flame(page).waitFor();
    await inView(flame(page), 160); // axis, spine and the first bars
  });

  flow('an environment narrows list, graphs, tables and map', async (page) => {
    const services = async (environment) => {
      await page.setViewportSize({ width: 1440, height: 1600 });
      await page.goto(`${site.url}/d/throughline-services?from=now-6h&to=now${environment}`);
      await panel(page, 'Services').getByRole('gridcell').first().waitFor();
      await panel(page, 'Map').getByRole('group', { name: 'Node graph' }).waitFor();
      const { frames: [table] } = await answerTo(page, metrics('rate', 'table')); // prettier-ignore
      const { frames: [nodes] } = await answerTo(page, (q) => q.queryType === 'serviceMap'); // prettier-ignore
      return { table: table.map((r) => r.service), map: nodes.map((n) => n.title) };
    };
    const all = await services('');
    assert.ok(all.table.includes('svc-order') && all.table.includes('checkout') && all.map.includes('svc-order') && all.map.includes('checkout'), JSON.stringify(all));
    const prod = await services('&var-environment=prod&var-environment=canary');
    assert.ok(prod.table.includes('checkout') && prod.map.includes('checkout'), JSON.stringify(prod));
    assert.deepEqual([...prod.table, ...prod.map].filter((name) => /^svc-|^web-shop$/.test(name)), []);
    // The way to the list keeps it.
    await panel(page, 'Services').getByRole('gridcell', { name: 'checkout' }).first().locator('a').click();
    await follow(page, 'Requests of this workload');
    await page.waitForURL(/\/d\/Distributed_Tracing/);
    assert.deepEqual(params(page).getAll('var-environment'), ['prod', 'canary']);
    await page.goto(`${site.url}/d/Distributed_Tracing?from=now-6h&to=now&var-environment=prod`);
    await rows(page).first().waitFor();
    const { frames: [list] } = await answerTo(page, (q) => q.queryType === 'search'); // prettier-ignore
    assert.deepEqual(list.filter((r) => r.service === 'web-shop'), []);
    assert.ok(list.some((r) => r.request === 'user_checkout_multi'), list.map((r) => r.request).join());
  });

  flow('the documented address lists the orders', async (page) => {
    await page.goto(`${site.url}/d/Distributed_Tracing/distributed-tracing?var-namespace=${options.namespace}&var-request_resource=*Order*&from=deepflow-doc`);
    await rows(page).first().waitFor();
    await page.getByText('Last 15 minutes').waitFor(); // the unreadable time
    const { frames: [found] } = await answerTo(page, (q) => q.queryType === 'search'); // prettier-ignore
    assert.ok(found.length > 0);
    assert.deepEqual(found.map((r) => `${r.request} ${r.matched}`).filter((r) => !/order/i.test(r)), []);
  });
}
