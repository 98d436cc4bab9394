// Every text of the editors has a key, English has what the source says, and each language
// has all of it. `npx vitest run src/datasource/locales.test.ts -u` writes the English file.
import fs from 'fs';
import path from 'path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import plugin from './plugin.json';

const fileOf = (language: string) => path.join(__dirname, 'locales', language, `${plugin.id}.json`);

/** The calls t('key', 'text') of a file. */
function textsOf(file: string): Array<[key: string, text: string]> {
  const found: Array<[string, string]> = [];
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
      const [key, text] = node.arguments;
      if (!ts.isStringLiteralLike(key) || !text || !ts.isStringLiteralLike(text)) {
        throw new Error(`${file}: ${node.getText()}: key and text must be written out`);
      }
      found.push([key.text, text.text]);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

const sources = fs
  .readdirSync(__dirname)
  .filter((f) => /\.tsx?$/.test(f) && !f.includes('.test.'))
  .map((f) => path.join(__dirname, f));
const all = sources.flatMap(textsOf);

type Tree = { [part: string]: string | Tree };

function tree(pairs: Array<[string, string]>): Tree {
  const root: Tree = {};
  for (const [key, text] of [...pairs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parts = key.split('.');
    const last = parts.pop()!;
    let at = root;
    for (const part of parts) {
      const next = (at[part] ??= {});
      if (typeof next === 'string') {
        throw new Error(`${key}: ${part} is a text already`);
      }
      at = next;
    }
    at[last] = text;
  }
  return root;
}

const flat = (node: Tree, prefix = ''): Array<[string, string]> =>
  Object.entries(node).flatMap(([part, v]) => (typeof v === 'string' ? [[prefix + part, v] as [string, string]] : flat(v, `${prefix}${part}.`)));

const read = (language: string): Map<string, string> => new Map(flat(JSON.parse(fs.readFileSync(fileOf(language), 'utf8'))));

describe('texts of the editors', () => {
  it('have one text for each key', () => {
    const texts = new Map<string, string>();
    for (const [key, text] of all) {
      expect(texts.get(key) ?? text, key).toBe(text);
      texts.set(key, text);
    }
    expect(texts.size).toBeGreaterThan(100);
  });

  it('are the English file', async () => {
    await expect(JSON.stringify(tree(all), null, 2) + '\n').toMatchFileSnapshot(fileOf('en-US'));
  });

  it('are in the languages that plugin.json lists', () => expect(fs.readdirSync(path.join(__dirname, 'locales')).sort()).toEqual([...plugin.languages].sort()));

  it.each(plugin.languages)('are complete in %s, with the same holes', (language) => {
    const [english, other] = [read('en-US'), read(language)];
    expect([...other.keys()].sort()).toEqual([...english.keys()].sort());
    const holes = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
    for (const [key, text] of english) {
      expect(holes(other.get(key)!), key).toEqual(holes(text));
      expect(other.get(key), key).not.toBe('');
    }
  });

  it('leave no words in the source without a key', () => {
    // Words between tags, and attributes that are read to people.
    const bare = sources.flatMap((file) => {
      const found: string[] = [];
      const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
      const visit = (node: ts.Node) => {
        if (ts.isJsxText(node) && /[A-Za-z]{2}/.test(node.text)) {
          found.push(node.text.trim());
        }
        if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer) && /^(label|aria-label|description|tooltip|title)$/.test(node.name.getText())) {
          found.push(node.initializer.text);
        }
        node.forEachChild(visit);
      };
      visit(source);
      return found;
    });
    expect(bare.filter((text) => text !== '' && text !== 'TLS')).toEqual([]);
  });
});
