// What imports what, types included: rooms lie one over the other, nothing leads back, and
// nothing is exported that nobody takes.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname);
const short = (file: string) => path.relative(root, file).split(path.sep).join('/');
const sourcesOf = (dir: string) => (readdirSync(dir, { recursive: true }) as string[]).filter((file) => /\.tsx?$/.test(file)).map((file) => path.join(dir, file));
const isTest = (file: string) => /\.test\.tsx?$/.test(file);

const isFile = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile();
const found = (from: string, name: string): string | undefined => {
  const base = path.resolve(path.dirname(from), name);
  return [base, `${base}.ts`, `${base}.tsx`, path.join(base, 'index.ts')].find(isFile);
};

/** What a file takes, by the module as it is written there; ALL for what is taken at run time. */
interface Source {
  file: string;
  takes: Array<{ from: string; name: string }>;
  exports: string[];
  /** Those of the exports that are types. */
  types: Set<string>;
  text: string;
}
const ALL = '*';

function read(file: string): Source {
  const text = readFileSync(file, 'utf8');
  const takes: Source['takes'] = [];
  const exports: string[] = [];
  const types = new Set<string>();
  const take = (from: ts.Node | undefined, ...names: string[]) => {
    if (from && ts.isStringLiteralLike(from)) {
      takes.push(...(names.length > 0 ? names : ['']).map((name) => ({ from: from.text, name })));
    }
  };
  const named = (list: ts.NodeArray<ts.ImportSpecifier | ts.ExportSpecifier>) => list.map((e) => (e.propertyName ?? e.name).text);
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node)) {
      const { name, namedBindings } = node.importClause ?? {};
      take(node.moduleSpecifier, ...(name ? ['default'] : []), ...(!namedBindings ? [] : ts.isNamedImports(namedBindings) ? named(namedBindings.elements) : [ALL]));
    } else if (ts.isExportDeclaration(node)) {
      const list = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : undefined;
      take(node.moduleSpecifier, ...(list ? named(list) : [ALL]));
      exports.push(...(list ?? []).map((e) => e.name.text));
    } else if (ts.isImportTypeNode(node)) {
      take(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, ALL);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      take(node.arguments[0], ALL);
    } else if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)) {
      const declared = ts.isVariableStatement(node) ? node.declarationList.declarations : [node as ts.DeclarationStatement];
      const names = declared.map((d) => d.name?.getText() ?? 'default');
      exports.push(...names);
      if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
        types.add(names[0]);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return { file, takes, exports, types, text };
}

const all = sourcesOf(root).map(read);
const sources = all.filter(({ file }) => !isTest(file));
const imports = new Map(sources.map(({ file, takes }) => [file, [...new Set(takes.filter(({ from }) => from.startsWith('.')).flatMap(({ from }) => found(file, from) ?? []))]]));

/** Circles, each by the files that it leads through. */
function circles(): string[] {
  const done = new Set<string>();
  const on: string[] = [];
  const seen: string[] = [];
  const visit = (file: string) => {
    if (on.includes(file)) {
      seen.push([...on.slice(on.indexOf(file)), file].map(short).join(' → '));
    }
    if (done.has(file)) {
      return;
    }
    done.add(file);
    on.push(file);
    imports.get(file)?.forEach(visit);
    on.pop();
  };
  imports.forEach((_, file) => visit(file));
  return seen;
}

it('leads nowhere in a circle', () => {
  expect(circles()).toEqual([]);
});

const ROOMS: Record<string, string[]> = {
  trace: ['trace'],
  canvas: ['trace', 'canvas'],
  language: ['trace', 'language'],
  panel: ['trace', 'canvas', 'language', 'panel'],
  requests: ['trace', 'canvas', 'language', 'panel', 'requests'],
  datasource: ['trace', 'language', 'datasource'],
  dashboards: ['dashboards'],
  app: ['language', 'locales', 'dashboards', 'datasource', 'app'],
};
const inRoom = (room: string) => sources.filter(({ file }) => short(file).startsWith(`${room}/`));

it.each(Object.entries(ROOMS))('%s draws on what lies below it alone', (room, below) => {
  const wrong = inRoom(room).flatMap(({ file }) =>
    imports
      .get(file)!
      .filter((to) => to.startsWith(root + path.sep) && !below.includes(short(to).split('/')[0]))
      .map((to) => `${short(file)} → ${short(to)}`)
  );
  expect(wrong).toEqual([]);
});

// Both also run in a worker, and are tested without a page.
it.each(['trace', 'canvas'])('%s knows neither React nor Grafana', (room) => {
  const foreign = inRoom(room)
    .filter(({ file }) => !short(file).includes('/fixture/'))
    .flatMap(({ file, takes }) => takes.filter(({ from }) => !from.startsWith('.')).map(({ from }) => `${short(file)} → ${from}`));
  expect(foreign).toEqual([]);
});

/** Tests and what is made for them. */
const ASIDE = /\.test\.tsx?$|\/fixture\/|^dashboards\/revisions\.ts$/;
/** Grafana takes what these export. */
const ENTRY = /(^|\/)module\.tsx?$/;

// Drop the word `export`, or what nobody uses at all. A type that its own file's signatures
// speak of may be exported.
it('exports nothing that nobody takes; what tests alone take is used in its own file', () => {
  const taken = new Map<string, 'product' | 'test'>();
  const host = sourcesOf(path.resolve(root, '../test/host')).map(read);
  const exportsOf = new Map(all.map(({ file, exports }) => [file, exports]));
  for (const { file, takes, text } of [...all, ...host]) {
    const by = ASIDE.test(short(file)) ? 'test' : 'product';
    for (const { from, name } of takes) {
      const to = from.startsWith('.') ? found(file, from) : undefined;
      // What is taken at run time is named somewhere in the file.
      const names = name === ALL ? (exportsOf.get(to ?? '') ?? []).filter((n) => text.includes(n)) : [name];
      names.forEach((n) => taken.get(`${to}#${n}`) !== 'product' && taken.set(`${to}#${n}`, by));
    }
  }
  const idle = sources
    .filter(({ file }) => !ASIDE.test(short(file)) && !ENTRY.test(short(file)))
    .flatMap(({ file, exports, types, text }) =>
      exports
        .filter((name) => {
          const by = taken.get(`${file}#${name}`);
          const usedInside = text.split(new RegExp(`\\b${name}\\b`)).length > 2;
          return by !== 'product' && !(usedInside && (by === 'test' || types.has(name)));
        })
        .map((name) => `${short(file)}: ${name}`)
    );
  expect(idle).toEqual([]);
});
