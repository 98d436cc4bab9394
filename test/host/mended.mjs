// Whether the flows that README.md names for what was wrong in an older commit fail on a build of it:
//
//   node test/host/mended.mjs --plugin FOLDER [--only WORDS]
//
// FOLDER is a checkout of that commit with its plugin and page built. Prints each flow with the first
// line of its failure. Exit status 1 if a flow passes there, or if README.md names one that is not.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({ options: { plugin: { type: 'string' }, only: { type: 'string', default: '' } } });
if (!options.plugin) {
  console.error('say which build: --plugin FOLDER');
  process.exit(2);
}
const flows = path.join(import.meta.dirname, 'flows.mjs');

/** The beginnings of flows' names in the second column of the tables that tell of the older commit. */
function promised() {
  const lines = fs.readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8').split('\n');
  const names = [];
  let inTable = false;
  for (const line of lines) {
    inTable = line.startsWith('|') && (inTable || /\| on 64c4185 \|$/.test(line));
    if (inTable) {
      names.push(...[...line.split('|')[2].matchAll(/`([^`]+)`/g)].map((m) => m[1].replace(/ ?…$/, '')));
    }
  }
  return [...new Set(names)];
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const known = execFileSync(process.execPath, [flows, '--list'], { encoding: 'utf8' }).trim().split('\n');
const wanted = promised().filter((p) => p.includes(options.only));
const unknown = wanted.filter((p) => !known.some((name) => name.startsWith(p)));
const run = spawn(process.execPath, [flows, '--plugin', options.plugin, '--out', 'test-results/mended', '--only', `^(${wanted.map(escaped).join('|')})`], { stdio: ['ignore', 'pipe', 'inherit'] });
const passed = [];
let failed = 0;
let last;
for await (const line of readline.createInterface(run.stdout)) {
  const [, result, name] = /^(ok|FAIL|defect) +(.*) \(\d+ ms\)$/.exec(line) ?? [];
  if (result === 'ok') {
    passed.push(name);
    console.log(`PASSES there: ${name}`);
  } else if (result) {
    failed++;
    last = name;
  } else if (last) {
    console.log(`fails: ${last}: ${line.trim()}`);
    last = undefined;
  }
}
console.log(`${wanted.length} promises: ${failed} flows fail there, ${passed.length} pass there, ${unknown.length} are not flows${unknown.length ? `: ${unknown.join('; ')}` : ''}`);
process.exitCode = passed.length + unknown.length > 0 || failed === 0 ? 1 : 0;
