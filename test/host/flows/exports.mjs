// Each way to take a trace elsewhere: what comes out is opened again and compared with what
// the data source answered.
/* global navigator, atob, createImageBitmap, Blob, OffscreenCanvas */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { ALSO_LIVE, answered, counts, drawer, flame, openFirst, options, params, region, selectSpan } from '../dashboard.mjs';

async function choose(page, words) {
  await region(page).getByRole('button', { name: /^Export/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: words }).click();
}

async function saved(page, words) {
  const [file] = await Promise.all([page.waitForEvent('download'), choose(page, words)]);
  return { name: file.suggestedFilename(), bytes: fs.readFileSync(await file.path()) };
}

async function copied(page, words) {
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await choose(page, words);
  await region(page).getByText(/ copied$/).waitFor({ state: 'attached' });
  return page.evaluate(() => navigator.clipboard.readText());
}

const words = (attributes = []) => Object.fromEntries(attributes.map((a) => [a.key, Object.values(a.value)[0]]));

export default function (flow) {
  flow('the saved JSON is the trace', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    const { name, bytes } = await saved(page, /^Save trace/);
    assert.equal(name, `trace-${spans.meta.traceId}.json`);
    const again = JSON.parse(bytes.toString());
    assert.equal(again.trace_id, spans.meta.traceId);
    assert.equal(again.start_ns, spans.meta.startNs);
    assert.deepEqual(
      again.spans.map((s) => [s.id, s.parent, s.source, s.offset_ns, s.duration_ns, s.request ?? '', s.node, s.tunnel ?? '', s.reason ?? '']),
      spans.map((s) => [s.id, spans[s.parentIdx]?.id ?? null, s.source, s.offset, s.duration, s.request, s.node, s.tunnel, s.reason])
    );
  }, ALSO_LIVE);

  flow('the saved OTLP JSON is the whole trace, with its resources', async (page) => {
    await openFirst(page);
    const spans = await answered(page);
    const { name, bytes } = await saved(page, /^Save for OpenTelemetry/);
    assert.equal(name, `trace-${spans.meta.traceId}.otlp.json`);
    const out = JSON.parse(bytes.toString()).resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans.map((o) => ({ ...o, of: words(r.resource.attributes) }))));
    assert.equal(out.length, spans.length);
    const byTime = (start, end) => `${start} ${end}`;
    const start = BigInt(spans.meta.startNs);
    const found = new Map();
    for (const o of out) {
      const key = byTime(o.startTimeUnixNano, o.endTimeUnixNano);
      found.set(key, [...(found.get(key) ?? []), o]);
    }
    for (const s of spans) {
      const from = start + BigInt(Math.round(s.offset));
      const same = found.get(byTime(from, from + BigInt(Math.round(s.duration)))) ?? [];
      const o = same.find((one) => (s.source === 'APP' ? one.of['throughline.source'] === undefined : one.spanId === s.id));
      assert.ok(o, `${s.source} ${s.name} at ${s.offset} is missing`);
      assert.equal(o.traceId, spans.meta.traceId);
      if (s.source === 'APP') {
        assert.equal(o.of['service.name'], s.service, 'its own resource');
      } else {
        assert.equal(o.of['throughline.source'], s.source);
        assert.equal(o.of['throughline.observation_point'], s.point);
        assert.equal(o.of['k8s.node.name'], s.node);
        assert.equal(words(o.attributes)['throughline.link.reason'] ?? '', s.reason);
        assert.ok(s.parentIdx < 0 || out.some((parent) => parent.spanId === o.parentSpanId), 'under the parent that was found');
      }
    }
  }, ALSO_LIVE);

  flow('the saved picture shows the trace', async (page) => {
    await openFirst(page);
    const { name, bytes } = await saved(page, /^Save picture/);
    assert.match(name, /^trace-[0-9a-f]{32}\.png$/);
    const { width, height, colours } = await page.evaluate(async (base64) => {
      const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const image = await createImageBitmap(new Blob([data], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
      canvas.drawImage(image, 0, 0);
      const pixels = new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer);
      return { width: image.width, height: image.height, colours: new Set(pixels).size };
    }, bytes.toString('base64'));
    assert.ok(width >= 1600 && height > 200 && colours > 20, `${width} × ${height}, ${colours} colours`);
  });

  flow('the copied diagrams tell all calls', async (page) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await openFirst(page);
    const spans = await answered(page);
    const calls = spans.filter((s) => s.point === 'c-p').length;
    const sequence = await copied(page, /^Copy sequence diagram/);
    assert.match(sequence, /^sequenceDiagram\n/);
    assert.equal([...sequence.matchAll(/^ +p\d+->>p\d+: /gm)].length, calls, 'a line for each call');
    const services = new Set(spans.filter((s) => s.source === 'SYS').map((s) => s.service));
    assert.equal([...sequence.matchAll(/^ +participant p\d+ as /gm)].length, services.size);
    const chart = await copied(page, /^Copy flowchart/);
    assert.match(chart, /^flowchart LR\n/);
    const times = [...chart.matchAll(/-->\|"(\d+)×/g)].map((m) => Number(m[1]));
    assert.equal(times.reduce((a, b) => a + b, 0), calls, 'the edges count all calls');
  }, { alone: true });

  flow('the copied link opens the same span', async (page) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await openFirst(page);
    const spans = await answered(page);
    await selectSpan(page, spans[41].id);
    const link = await copied(page, /^Copy link to this span/);
    await page.goto('about:blank');
    await page.goto(link);
    await counts(page).filter({ hasText: options.expect }).waitFor();
    await drawer(page).getByText(spans[41].id).first().waitFor();
    await flame(page).waitFor();
    assert.match(params(page).get('from'), /^\d+$|^\d{4}-/, 'a time that stays what it is');
  }, { alone: true });
}
