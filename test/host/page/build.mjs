// Bundles the page into page/dist: node test/host/page/build.mjs [--sourcemap]
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const root = path.resolve(here, '../../..');
const modules = path.join(root, 'node_modules');
const grafana = path.join(modules, '@grafana');
const out = path.join(here, 'dist');
const before = performance.now();

fs.rmSync(out, { recursive: true, force: true });
await build({
  entryPoints: [path.join(here, 'src/main.tsx')],
  bundle: true,
  minify: true,
  sourcemap: process.argv.includes('--sourcemap'),
  outdir: out,
  entryNames: 'host',
  chunkNames: 'chunk-[hash]',
  // Split, so that what is not on the first page (Monaco above all) is not in the first load.
  splitting: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  resolveExtensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css'],
  logLevel: 'warning',
  tsconfigRaw: {},
  // Files of @grafana/runtime and @grafana/i18n that their package.json does not export.
  alias: {
    'grafana-runtime': path.join(grafana, 'runtime/dist/esm'),
    'grafana-i18n': path.join(grafana, 'i18n/dist/esm'),
  },
  // define=undefined: or else lodash and moment see the AMD loader and register themselves there.
  define: { 'process.env.NODE_ENV': '"production"', global: 'window', define: 'undefined' },
  // Files, not data URLs: Grafana's CSP allows fonts from 'self' only.
  loader: { '.svg': 'dataurl', '.png': 'dataurl', '.woff2': 'file', '.woff': 'file', '.ttf': 'file' },
  assetNames: 'fonts/[name]',
});

// Icons: @grafana/ui fetches public/build/img/icons/<name>.svg.
fs.cpSync(path.join(grafana, 'ui/dist/public'), out, { recursive: true });

// A third of the named icons are in Grafana's core only: a ring stands in for them, and a
// mirrored icon for the one of the time picker.
const { availableIconsIndex } = await import(path.join(grafana, 'data/dist/esm/types/icon.mjs'));
const icon = (name) => path.join(out, 'img/icons/unicons', name + '.svg');
const ring =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M12 4a8 8 0 100 16 8 8 0 000-16zm0 2a6 6 0 110 12 6 6 0 010-12z"/></svg>';
for (const name of Object.keys(availableIconsIndex)) {
  if (!fs.existsSync(icon(name))) {
    fs.writeFileSync(icon(name), ring);
  }
}
const right = fs.readFileSync(icon('angle-double-right'), 'utf8');
fs.writeFileSync(icon('angle-double-left'), right.replace('<path ', '<path transform="matrix(-1 0 0 1 24 0)" '));

// Grafana's fonts, under the names that @grafana/ui's global styles ask for.
const fonts = {
  'inter/Inter-Regular.woff2': 'inter/files/inter-latin-400-normal.woff2',
  'inter/Inter-Medium.woff2': 'inter/files/inter-latin-500-normal.woff2',
  'roboto/L0xTDF4xlVMF-BfR8bXMIhJHg45mwgGEFl0_3vrtSM1J-gEPT5Ese6hmHSh0mQ.woff2':
    'roboto-mono/files/roboto-mono-latin-400-normal.woff2',
};
for (const [file, font] of Object.entries(fonts)) {
  const target = path.join(out, 'fonts', file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(path.join(modules, '@fontsource', font), target);
}
console.log(
  `page: ${Math.round(performance.now() - before)} ms, host.js ${fs.statSync(path.join(out, 'host.js')).size} bytes`
);
