// Builds an app with nested plugins (src/datasource, src/panel, src/requests). Extends the scaffold's
// config in .config, which compiles all plugins together; here each plugin has a compiler
// of its own, because the chunks and workers of a nested plugin must land beside ITS
// module.js: their URL is derived from that file's URL at run time.
import fs from 'fs';
import path from 'path';
import CopyWebpackPlugin from 'copy-webpack-plugin';
import type { Configuration } from 'webpack';
import VirtualModulesPlugin from 'webpack-virtual-modules';
import scaffoldConfig, { type Env } from './.config/webpack/webpack.config.ts';

const readId = (dir: string): string => JSON.parse(fs.readFileSync(path.join(dir, 'plugin.json'), 'utf8')).id;

// The scaffold does these for the root plugin's dist; a second time they would clash.
const rootOnly = ['CopyPlugin', 'ReplaceInFilePlugin', 'BuildModeWebpackPlugin', 'VirtualModulesPlugin'];

// The module that the scaffold's import rule puts into every module.ts.
const publicPathOf = (id: string) =>
  new VirtualModulesPlugin({
    'node_modules/grafana-public-path.js': `
      import self from 'amd-module';
      __webpack_public_path__ = self && self.uri ? new URL('.', new URL(self.uri, document.baseURI)).href : 'public/plugins/${id}/';`,
  });

const config = async (env: Env): Promise<Configuration[]> => {
  const appId = readId('.');
  const entries = (await scaffoldConfig(env)).entry as Record<string, string>; // {"panel/module": ".../module.tsx", ...}
  return Promise.all(
    Object.entries(entries).map(async ([name, file]) => {
      const base = await scaffoldConfig(env); // a fresh one: plugin instances must not be shared
      const dir = path.dirname(name);
      const isRoot = dir === '.';
      const id = readId(path.dirname(file));
      return {
        ...base,
        name: isRoot ? 'app' : dir,
        // In memory: a cache on disk does not see that the target of the symlink
        // src/plugin.json has changed, and ships the old one.
        cache: env.production ? false : { type: 'memory' as const },
        entry: { module: file },
        output: {
          ...base.output,
          path: path.resolve('dist', dir),
          publicPath: `public/plugins/${id}/`,
          uniqueName: id,
          devtoolNamespace: appId, // the plugin validator compares source maps with the app's id
          clean: isRoot && { keep: /^(datasource|panel|requests)\/|_(amd64|arm64|arm)(\.exe)?$|^go_plugin_build_manifest$/ },
        },
        performance: { hints: false as const },
        // A class of ours in place of Worker tells the address of the worker's file: see src/panel/traceWorker.ts.
        module: { ...base.module, parser: { ...base.module?.parser, javascript: { ...base.module?.parser?.javascript, worker: ['WorkerScript from ./workerScript', '...'] } } },
        plugins: isRoot
          ? [
              ...(base.plugins ?? []),
              // The scaffold copies only the root's logos, and src/README.md, which is for who works on the source:
              // the plugin's page in the catalog is another one.
              new CopyWebpackPlugin({ patterns: [{ from: '**/img/**' }, { from: '**/locales/**', noErrorOnMissing: true }, { from: 'catalog.md', to: 'README.md', force: true }] }),
            ]
          : [...(base.plugins ?? []).filter((p) => p && !rootOnly.includes(p.constructor.name)), publicPathOf(id)],
      };
    })
  );
};

export default config;
