// What Grafana's plugin validator asks of an app with nested plugins.
import { describe, expect, it } from 'vitest';
import fs from 'fs';
import path from 'path';
import dashboard from './dashboards/distributed-tracing.json';

const root = path.resolve(__dirname, '..');
const json = (file: string) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
const app = json('plugin.json');

describe('plugin.json', () => {
  it('is one file, which src/ links to', () => {
    expect(fs.readlinkSync(path.join(root, 'src/plugin.json'))).toBe('../plugin.json');
  });

  it.each(['throughline-app', 'throughline-datasource', 'throughline-panel', 'throughline-requests-panel'])(
    'names %s by the id that dashboards use',
    (id: string) => {
      const files = ['plugin.json', ...['datasource', 'panel', 'requests'].map((dir) => `src/${dir}/plugin.json`)];
      expect(files.map((f) => json(f).id)).toContain(id);
    }
  );

  it('includes every nested plugin and the dashboard, with its uid', () => {
    for (const include of app.includes.filter((i: { type: string }) => i.type !== 'page')) {
      const included = json(path.join('src', include.path));
      if (include.type === 'dashboard') {
        expect(included.uid).toBe(include.uid);
        expect(included.id).toBeNull();
      } else {
        expect(included.type).toBe(include.type);
      }
    }
    expect(dashboard.uid).toBe('Distributed_Tracing');
  });

  it.each(['', 'datasource/', 'panel/', 'requests/'])('has its logos beside %splugin.json', (dir: string) => {
    const { logos } = json(path.join('src', dir, 'plugin.json')).info;
    for (const logo of [logos.small, logos.large]) {
      expect(fs.existsSync(path.join(root, 'src', dir, logo))).toBe(true);
    }
  });
});
