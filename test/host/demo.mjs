// `throughline demo webshop` as the source of what the page shows: live requests, and the
// server's HTTP API to compare the page with.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');

/** So many traces are complete before the first flow runs. */
const ENOUGH = 10;

/**
 * Starts the demo, with one thing made slow if `slow` says which, and waits for its page and
 * its first traces. It ends with this process, however that ends.
 */
export async function startDemo(slow) {
  const program = path.join(root, 'bin/throughline');
  const demo = spawn(
    'setpriv',
    ['--pdeathsig', 'INT', program, 'demo', 'webshop', '--listen', '127.0.0.1:0', ...(slow ? [`--break=${slow}`] : [])],
    { stdio: ['ignore', 'pipe', 'pipe'] }
  );
  const log = [];
  const ended = new Promise((resolve) => demo.once('exit', (code, signal) => resolve(code ?? signal)));
  readline.createInterface({ input: demo.stderr }).on('line', (line) => log.push(line));
  const out = {};
  for await (const line of readline.createInterface({ input: demo.stdout })) {
    log.push(line);
    out.page ??= /^Open (\S+)/.exec(line)?.[1];
    out.api ??= /THROUGHLINE_SERVER=(\S+) THROUGHLINE_TOKEN=(\w+)/.exec(line)?.slice(1);
    if (/^Requests go on/.test(line)) {
      break;
    }
  }
  if (!out.page || !out.api) {
    throw new Error(`the demo ended with ${await ended}:\n${log.slice(-20).join('\n')}`);
  }
  demo.stdout.resume();

  const [server, token] = out.api;
  const api = async (address, params = {}) => {
    const answer = await fetch(`${server}/api/v1/${address}?${new URLSearchParams(params)}`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200, `${address}: ${answer.status}`);
    return answer.json();
  };
  const trace = (id) => api(`traces/${id}`);
  const settled = await firstTraces(api, trace, ended);
  return {
    url: new URL(out.page).origin,
    log,
    trace,
    // A range whose traces are all complete, so that the list stands still.
    range: { from: Math.floor(settled[0].start / 1e6) - 1000, to: Math.ceil((settled.at(-1).start + settled.at(-1).duration) / 1e6) },
    /** The trace that the demo itself would show: slower than three of four. */
    slow: () => settled.toSorted((a, b) => a.duration - b.duration)[Math.floor(settled.length * 0.75)].trace_id,
    stop: async () => {
      demo.kill('SIGINT');
      assert.equal(await ended, 0, `the demo's exit status; it said:\n${log.slice(-20).join('\n')}`);
      assertGone(token);
    },
  };
}

/** The first traces, as soon as all their spans are stored. */
async function firstTraces(api, trace, ended) {
  let over;
  ended.then((status) => (over = status));
  for (let wait = Date.now() + 120_000; ; ) {
    const { spans } = await api('search', { scope: 'roots', source: 'APP', service: 'web-shop', limit: '200' });
    const ids = spans.filter((s) => s.service === 'web-shop').map((s) => s.trace_id);
    if (ids.length >= ENOUGH) {
      const traces = await Promise.all(ids.slice(-4 * ENOUGH).map(trace));
      if (traces.every((t) => t.counts.total >= 100)) {
        return traces.toSorted((a, b) => a.start - b.start);
      }
    }
    assert.equal(over, undefined, 'the demo ended');
    assert.ok(Date.now() < wait, `${ids.length} traces after two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Nothing of the demo is left: no program, no network namespace. */
function assertGone(token) {
  const left = fs
    .readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        return [fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return []; // it has ended meanwhile
      }
    })
    .filter((command) => command.includes(token) || command.includes('throughline-webshop'));
  assert.deepEqual(left, [], 'programs of the demo that still run');
  const networks = fs.existsSync('/run/netns') ? fs.readdirSync('/run/netns').filter((name) => name.startsWith('tl-')) : [];
  assert.deepEqual(networks, [], 'network namespaces of the demo');
}
