// What README.md says where to find is there.
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const text = fs.readFileSync(path.join(root, 'src/README.md'), 'utf8');
const there = (name: string, ...bases: string[]) => bases.some((base) => fs.existsSync(path.join(root, base, name)));

it('names files that are there', () => {
  const files = [...text.matchAll(/`([\w./-]+\.(?:tsx?|mjs|go|json))`/g)].map(([, file]) => file);
  expect(files.length).toBeGreaterThan(40);
  const rooms = ['src', '.', 'src/panel', 'src/panel/dev', 'src/panel/keys', 'src/canvas', 'src/language', 'src/datasource', 'src/trace', 'src/trace/worker', 'testdata', 'pkg/trace/words'];
  expect(files.filter((file) => !there(file, ...rooms))).toEqual([]);
});

it('leads to pages that are there', () => {
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, to]) => to);
  expect(links.filter((to) => !there(to, 'src'))).toEqual([]);
});

it('names what the code calls so', () => {
  // Of a recipe: the name, and the file that has it.
  const names: Array<[name: string, file: string]> = [
    ['TABS', 'src/panel/state/choices.ts'], ['OF_HOPS', 'src/panel/state/choices.ts'], ['Choices', 'src/panel/state/choices.ts'],
    ['LAYERS', 'src/trace/model.ts'], ['LAYER_NAMES', 'src/trace/model.ts'], ['TEXT_COLUMNS', 'src/trace/model.ts'],
    ['FIELDS', 'src/trace/group.ts'], ['STATUS_COLOURS', 'src/canvas/colour.ts'],
    ['KNOWN', 'src/trace/columns.ts'], ['READ', 'src/trace/worker/handover.ts'],
    ['templated', 'src/datasource/query.ts'], ['fields', 'src/datasource/searchText.ts'], ['COMMANDS', 'src/panel/keys/commands.ts'],
    ['knows', 'pkg/store/filterkey.go'], ['condition', 'pkg/store/filterkey.go'],
  ];
  const gone = names.filter(([name, file]) => !text.includes(`\`${name}\``) || !new RegExp(`\\b${name}\\b`).test(fs.readFileSync(path.join(root, file), 'utf8')));
  expect(gone).toEqual([]);
});
