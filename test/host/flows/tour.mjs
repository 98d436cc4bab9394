// A tour for who has never seen the page: six things that the reference trace must let a
// user see, and what is slow in four broken ones. Each answer is read from the screen. With
// --docs it becomes docs/tour.md and its pictures.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { answered, counts, drawer, openFirst, openTrace, options, region, selectSpan, sentence, site, spoken, tab } from '../dashboard.mjs';
import { inThemes, station, stations, told } from '../stations.mjs';

const find = async (page, query) => {
  await page.getByLabel('Find spans').fill(query);
  const count = region(page).locator('.tl-find [aria-live=polite]');
  await count.filter({ hasText: /\d/ }).waitFor();
  await page.waitForFunction((q) => document.querySelector('input[aria-label="Find spans"]').value === q, query);
  return count.innerText();
};
const next = (page) => page.getByRole('button', { name: 'Next match' }).click();

/** "own 33.7 ms" of what is spoken, as written and in nanoseconds. */
function ownTime(said) {
  const [text, n, unit] = /own ([\d.]+) (ns|µs|ms|s)\b/.exec(said);
  return [text, Number(n) * { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 }[unit]];
}

/** What --break makes slow, and how the header must name it. */
const BREAKAGES = [
  ['code', /code of svc-item\b/, 'a handler of svc-item is slow'],
  ['pool', /code of web-shop before its request left: waiting for a connection/, 'web-shop’s HTTP client has too few connections'],
  ['network', /network.*\bnode0 → node2\b|network.*\bnode2 → node0\b/, 'packets between node0 and node2 are lost'],
  ['database', /code of db-demo \(no code spans\)/, 'the database is slow to commit'],
];

export default function (add) {
  const flow = inThemes(add);
  flow('tour 1: a trace of 100 spans puts itself together', async (page) => {
    await openFirst(page);
    const said = await counts(page).innerText();
    assert.equal(said, options.expect);
    await station(page, '1-spans', {
      title: '100 spans, found by themselves',
      how: 'Click a request in the list. The first line over the graph counts the spans by where they come from: **A**PP is code (OpenTelemetry), **S**YS is system calls (eBPF), **N**ET is packets.',
      says: said,
    });
  });

  flow('tour 2: a service without instrumentation is in the trace', async (page) => {
    await openFirst(page);
    assert.match(await find(page, 'a: loadgenerator'), /^0 of 100$/, 'no code span of the load generator');
    await page.getByLabel('Find spans').fill('');
    await tab(page, 'Waterfall').click();
    const rows = page.getByRole('treegrid', { name: 'Spans' }).locator('tr[data-span]');
    const first = (await rows.allInnerTexts()).slice(0, 4).map((t) => t.replace(/[▾▸⋯]/g, '').split('\t')[0].replace(/\s+/g, ' ').trim());
    assert.equal(first[0], 'S loadgenerator → web-shop GET /full-test');
    assert.match(first[1], /^N 4 points, node1 → node0 IPIP/);
    assert.equal(first[2], 'S web-shop GET /full-test');
    assert.match(first[3], /^A (GET \/full-test|full-test-1) web-shop/);
    await station(page, '2-uninstrumented', {
      title: 'A service without instrumentation',
      how: 'Open the Waterfall. The load generator has no OpenTelemetry, yet the trace begins at its system call and passes four points of the network before code of web-shop begins. Searching `a: loadgenerator` finds nothing.',
      says: first.join('; '),
    });
  });

  flow('tour 3: a database that cannot be instrumented is in the trace', async (page) => {
    await openFirst(page);
    assert.match(await find(page, 'a: db-demo'), /^0 of 100$/, 'no code span of the database');
    assert.match(await find(page, 's: db-demo'), /^2 of 100$/);
    const statements = [];
    for (let k = 0; k < 2; k++) {
      await next(page);
      await region(page).getByText(`${k + 1} / 2`).waitFor();
      assert.match(await spoken(page).innerText(), /^system calls span db-demo/);
      statements.push(await drawer(page).locator('dt:text-is("request") + dd').first().innerText());
    }
    assert.deepEqual(statements, ['SET autocommit=0', 'COMMIT']);
    await tab(page, 'Waterfall').click();
    await page.getByRole('button', { name: 'Matches only' }).click();
    await drawer(page).getByRole('button', { name: 'Close' }).click(); // it lies over their names
    await page.getByRole('treegrid', { name: 'Spans' }).getByText('COMMIT').first().waitFor();
    await station(page, '3-database', {
      title: 'A service that cannot be instrumented',
      how: 'Search `s: db-demo` in the Waterfall, and press ▽: only its spans are left, and what leads to them. Nobody can put OpenTelemetry into this database; its system calls show the transaction’s begin and end.',
      says: statements.join('; '),
    }, 730);
  });

  flow('tour 4: the way between two pods on one node', async (page) => {
    await openFirst(page);
    await tab(page, 'Hop path').click();
    await page.getByRole('button', { name: /svc-order → svc-stock/ }).click();
    const said = await page.getByText(/observation points/).innerText();
    assert.equal(said, 'HTTP GET /stock/{id}, 4 observation points, same node');
    await station(page, '4-same-node', {
      title: 'The network between two pods on one node',
      how: 'Open the Hop path and choose svc-order → svc-stock: process, interface of the one pod, interface of the other, process, each leg with its time there and back.',
      says: said,
    });
  });

  flow('tour 5: the way across nodes, through a tunnel', async (page) => {
    await openFirst(page);
    await tab(page, 'Hop path').click();
    await page.getByRole('button', { name: /loadgenerator → web-shop/ }).click();
    const said = await page.getByText(/observation points/).innerText();
    assert.equal(said, 'HTTP GET /full-test, 6 observation points, IPIP between nodes');
    await station(page, '5-tunnel', {
      title: 'The network across nodes, through a tunnel',
      how: 'Choose loadgenerator → web-shop: two points more, the network cards of both nodes, and between them the wire, with the tunnel’s name.',
      says: said,
    });
  });

  flow(
    'tour 6: the gap between a client’s span and its system call',
    async (page) => {
      await openTrace(page, site.slow('pool'));
      const spans = await answered(page);
      const said = [];
      const gaps = [];
      // The reference's spans 12, 27, 41 and 53.
      for (const n of [12, 27, 41, 53]) {
        const call = spans[n - 1];
        const client = { ...spans[call.parentIdx], i: call.parentIdx };
        assert.equal(call.point, 'c-p');
        assert.equal(client.source, 'APP');
        await selectSpan(page, client.id);
        const [text, own] = ownTime(await spoken(page).innerText());
        const uncovered = client.duration - call.duration;
        assert.ok(Math.abs(own - uncovered) < 0.01 * uncovered + 10_000, `${text} of ${client.name}, whose call does not cover ${uncovered} ns`);
        gaps.push({ client, gap: call.offset - client.offset });
        said.push(`${client.name}: ${text}`);
      }
      const { client, gap } = gaps.toSorted((x, y) => y.gap - x.gap)[0];
      assert.ok(gap > 0.9 * (client.duration - spans[client.i + 1].duration), 'the time is lost before the system call, not after it');
      assert.ok(gap > 5e6, `the greatest gap is ${gap} ns`);
      await selectSpan(page, client.id);
      await station(page, '6-gap', {
        title: 'The gap that ends quarrels between teams',
        how: 'A trace in which web-shop’s HTTP client has too few connections. The client’s span has begun, its system call has not: the time of the gap is the client’s own, and full in tone at the left of its bar. The callee cannot be blamed, nor the network.',
        says: said.join('; '),
      });
    },
    { on: ['fixture', 'pool'] }
  );

  for (const [what, names, words] of BREAKAGES) {
    flow(
      `tour: the header names what --break=${what} made slow`,
      async (page) => {
        await openTrace(page, site.slow(what));
        const said = (await sentence(page).innerText()).replace(/\s+/g, ' ');
        assert.match(said, names);
        const [part, whole] = /([\d.]+) ms of ([\d.]+) ms/.exec(said).slice(1).map(Number);
        assert.ok(part / whole > 0.5, said);
        if (site.demo) {
          const { where } = await site.demo.trace((await answered(page)).meta.traceId);
          assert.ok(said.includes(where.sentence), `the HTTP API says: ${where.sentence}`);
        }
        await station(page, `break-${what}`, { title: `\`--break=${what}\`: ${words}`, how: 'The sentence over the graph:', says: said }, 300);
      },
      { on: ['fixture', what] }
    );
  }
}

/** Writes docs/tour.md of the stations that the flows have passed; nothing if there were none. */
export function writeTour() {
  const all = [...stations].filter(([name]) => !name.startsWith('otlp-'));
  if (all.length === 0) {
    return;
  }
  if (all.length !== 10) {
    throw new Error(`the tour needs --on demo,pool,code,network,database (or fixture): ${all.length} of 10 stations`);
  }
  const text = [
    '# A tour of the trace panel\n',
    'Made by `npm run tour`, over the requests of a running `throughline demo webshop`, and of one with each `--break`.',
    'What is quoted was read from the page, and the test fails when the page says something else. The pictures are dark or light as your reader is.',
    'Who sends OpenTelemetry alone finds ten questions and their answers in [the second part](tour-otlp.md).\n',
    '## What a trace lets you see\n',
    ...all.filter(([name]) => /^\d/.test(name)).map(([name, s]) => told(name, { ...s, title: `${name[0]}. ${s.title}` })),
    '## What is slow?\n',
    'Four demos in which one thing was made slow by `throughline demo webshop --break=...`. Each trace is one that is slower than three of four.\n',
    ...BREAKAGES.map(([what]) => told(`break-${what}`, stations.get(`break-${what}`))),
  ];
  fs.writeFileSync(path.join(options.docs, 'tour.md'), text.join('\n'));
}
