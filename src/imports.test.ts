// What imports what, types included: rooms lie one over the other, and nothing leads back.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname);
const sources = (readdirSync(root, { recursive: true }) as string[]).filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file)).map((file) => path.join(root, file));

const isFile = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile();
const found = (from: string, name: string): string | undefined => {
  const base = path.resolve(path.dirname(from), name);
  return [base, `${base}.ts`, `${base}.tsx`, path.join(base, 'index.ts')].find(isFile);
};
const named = new Map(sources.map((file) => [file, ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName)]));
const imports = new Map(sources.map((file) => [file, named.get(file)!.filter((name) => name.startsWith('.')).flatMap((name) => found(file, name) ?? [])]));

/** Circles, each by the files that it leads through. */
function circles(): string[] {
  const done = new Set<string>();
  const on: string[] = [];
  const seen: string[] = [];
  const visit = (file: string) => {
    if (on.includes(file)) {
      seen.push([...on.slice(on.indexOf(file)), file].map((f) => path.relative(root, f)).join(' → '));
    }
    if (done.has(file)) {
      return;
    }
    done.add(file);
    on.push(file);
    imports.get(file)?.forEach(visit);
    on.pop();
  };
  sources.forEach(visit);
  return seen;
}

it('leads nowhere in a circle', () => {
  expect(circles()).toEqual([]);
});

const ROOMS: Record<string, string[]> = {
  trace: ['trace'],
  canvas: ['trace', 'canvas'],
  panel: ['trace', 'canvas', 'panel'],
  requests: ['trace', 'canvas', 'panel', 'requests'],
  datasource: ['trace', 'datasource'],
  dashboards: ['dashboards'],
  app: ['dashboards', 'datasource', 'app'],
};

it.each(Object.entries(ROOMS))('%s draws on what lies below it alone', (room, below) => {
  const wrong = sources
    .filter((file) => path.relative(root, file).startsWith(`${room}/`))
    .flatMap((file) => imports.get(file)!.filter((to) => to.startsWith(root + path.sep) && !below.includes(path.relative(root, to).split(path.sep)[0])).map((to) => `${path.relative(root, file)} → ${path.relative(root, to)}`));
  expect(wrong).toEqual([]);
});

// Both also run in a worker, and are tested without a page.
it.each(['trace', 'canvas'])('%s knows neither React nor Grafana', (room) => {
  const foreign = sources
    .filter((file) => path.relative(root, file).startsWith(`${room}/`) && !file.includes('/fixture/'))
    .flatMap((file) => named.get(file)!.filter((name) => !name.startsWith('.')).map((name) => `${path.relative(root, file)} → ${name}`));
  expect(foreign).toEqual([]);
});
