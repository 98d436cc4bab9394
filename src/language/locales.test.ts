// Every text that a plugin shows has a key, English has what the source says, and each language has all
// of it. `npx vitest run src/language -u` writes the English files.
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const LANGUAGES = ['de-DE', 'en-US'];
/** Where each plugin's module.tsx is. Scenes bring their own texts. */
const PLUGINS = ['.', 'datasource', 'panel', 'requests'];

const parsed = new Map<string, ts.SourceFile>();
function parse(file: string): ts.SourceFile {
  const known = parsed.get(file) ?? ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  parsed.set(file, known);
  return known;
}

function visit(node: ts.Node, see: (node: ts.Node) => boolean | void) {
  if (see(node) !== false) {
    node.forEachChild((child) => visit(child, see));
  }
}

const isFile = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** All that a module takes of our sources, itself too. */
function sourcesOf(entry: string): string[] {
  const seen = new Set<string>([entry]);
  for (const file of seen) {
    visit(parse(file), (node) => {
      const from = ts.isImportDeclaration(node) ? node.moduleSpecifier : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments[0] : undefined;
      if (from && ts.isStringLiteral(from) && from.text.startsWith('.')) {
        const base = path.resolve(path.dirname(file), from.text);
        const found = [`${base}.ts`, `${base}.tsx`].find(isFile);
        if (found) {
          seen.add(found);
        }
      }
    });
  }
  return [...seen].sort();
}

const isText = (node: ts.Node): node is ts.CallExpression => ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't';

/** The calls t('key', 'text') of a file. */
function textsOf(file: string): Array<[key: string, text: string]> {
  const found: Array<[string, string]> = [];
  visit(parse(file), (node) => {
    if (isText(node)) {
      const [key, text] = node.arguments;
      if (!ts.isStringLiteralLike(key) || !text || !ts.isStringLiteralLike(text)) {
        throw new Error(`${file}: ${node.getText()}: key and text must be written out`);
      }
      found.push([key.text, text.text]);
    }
  });
  return found;
}

type Tree = { [part: string]: string | Tree };

function tree(pairs: Array<[string, string]>): Tree {
  const top: Tree = {};
  for (const [key, text] of [...pairs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parts = key.split('.');
    const last = parts.pop()!;
    let at = top;
    for (const part of parts) {
      const next = (at[part] ??= {});
      if (typeof next === 'string') {
        throw new Error(`${key}: ${part} is a text already`);
      }
      at = next;
    }
    at[last] = text;
  }
  return top;
}

const flat = (node: Tree, prefix = ''): Array<[string, string]> =>
  Object.entries(node).flatMap(([part, v]) => (typeof v === 'string' ? [[prefix + part, v] as [string, string]] : flat(v, `${prefix}${part}.`)));

describe.each(PLUGINS)('texts of the plugin in %s', (dir) => {
  const { id, languages } = JSON.parse(fs.readFileSync(path.join(root, dir, 'plugin.json'), 'utf8')) as { id: string; languages: string[] };
  const fileOf = (language: string) => path.join(root, dir, 'locales', language, `${id}.json`);
  const read = (language: string): Map<string, string> => new Map(flat(JSON.parse(fs.readFileSync(fileOf(language), 'utf8'))));
  const all = sourcesOf([path.join(root, dir, 'module.tsx'), path.join(root, dir, 'module.ts')].find(isFile)!).flatMap(textsOf);

  it('have one text for each key', () => {
    const texts = new Map<string, string>();
    for (const [key, text] of all) {
      expect(texts.get(key) ?? text, key).toBe(text);
      texts.set(key, text);
    }
    expect(texts.size).toBeGreaterThan(10);
  });

  it('are the English file', async () => {
    await expect(JSON.stringify(tree(all), null, 2) + '\n').toMatchFileSnapshot(fileOf('en-US'));
  });

  it('are in the languages that plugin.json lists', () => {
    expect([...languages].sort()).toEqual(LANGUAGES);
    expect(fs.readdirSync(path.join(root, dir, 'locales')).sort()).toEqual(LANGUAGES);
  });

  it.each(LANGUAGES)('are complete in %s, with the same holes', (language) => {
    const [english, other] = [read('en-US'), read(language)];
    expect([...other.keys()].sort()).toEqual([...english.keys()].sort());
    const holes = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
    for (const [key, text] of english) {
      expect(holes(other.get(key)!), key).toEqual(holes(text));
      expect(other.get(key), key).not.toBe('');
    }
  });
});

it('say the same in each plugin', () => {
  const said = new Map<string, string>();
  for (const dir of PLUGINS) {
    for (const language of LANGUAGES) {
      const { id } = JSON.parse(fs.readFileSync(path.join(root, dir, 'plugin.json'), 'utf8'));
      for (const [key, text] of flat(JSON.parse(fs.readFileSync(path.join(root, dir, 'locales', language, `${id}.json`), 'utf8')))) {
        expect(said.get(`${language} ${key}`) ?? text, `${language} ${key}`).toBe(text);
        said.set(`${language} ${key}`, text);
      }
    }
  }
});

/** Attributes that are read to people. */
const READ = /^(label|aria-label|aria-description|aria-valuetext|description|tooltip|title|note|words|alt)$/;
/** The same in every language. */
const NAMES = /\b(APP|SYS|NET|TLS|JSON)\b/g;
const isWords = (text: string) => /\p{L}{2}/u.test(text.replace(NAMES, ''));

const isComparison = (node: ts.Node) => ts.isBinaryExpression(node) && /^[!=]==$/.test(node.operatorToken.getText());

/** Words that a file shows without a key: between tags, in what is read to people, and in what JSX makes of conditions. */
function bareOf(file: string): string[] {
  const found: string[] = [];
  const literals = (node: ts.Node): void =>
    visit(node, (inner): boolean | void => {
      if (ts.isCallExpression(inner) || ts.isElementAccessExpression(inner) || ts.isFunctionLike(inner) || isComparison(inner) || ts.isJsxElement(inner) || ts.isJsxSelfClosingElement(inner) || ts.isJsxFragment(inner)) {
        return false; // the elements within are visited by themselves
      }
      if ((ts.isStringLiteralLike(inner) || ts.isTemplateHead(inner) || ts.isTemplateMiddle(inner) || ts.isTemplateTail(inner)) && isWords(inner.text)) {
        found.push(inner.text.trim());
      }
      return true;
    });
  visit(parse(file), (node) => {
    if (ts.isJsxText(node) && isWords(node.text)) {
      found.push(node.text.trim());
    } else if (ts.isJsxAttribute(node) && READ.test(node.name.getText()) && node.initializer) {
      literals(node.initializer);
    } else if (ts.isJsxExpression(node) && node.expression && !ts.isJsxAttribute(node.parent)) {
      literals(node.expression);
    }
  });
  return found.map((text) => `${path.relative(root, file)}: ${text}`);
}

it('leave no words in the source without a key', () => {
  const files = [...new Set(PLUGINS.flatMap((dir) => sourcesOf([path.join(root, dir, 'module.tsx'), path.join(root, dir, 'module.ts')].find(isFile)!)))];
  expect(files.flatMap(bareOf)).toEqual([]);
});
