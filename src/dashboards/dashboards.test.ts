// The dashboards as JSON: what Grafana imports, and what our data source is asked by them.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dashboardScene, type DashboardJSON } from '../app/dashboardScene';
import app from '../../plugin.json';
import network from './network-path.json';
import { revisions } from './revisions';
import services from './services.json';
import tracing from './distributed-tracing.json';

const dashboards = [tracing, services, network] as unknown as DashboardJSON[];

const metrics = /^(rate|errors|errorRatio|count|mean|retransmissions|retransmissionRatio|p\d{1,2}(\.\d+)?)$/;
const groups = 'service client namespace workload protocol request status source point node'.split(' ');

describe.each(dashboards.map((d) => [d.title, d] as const))('dashboard %s', (_, d) => {
  it('has no id of its own, a fixed uid, and is included by the app', () => {
    expect((d as unknown as { id: unknown }).id).toBeNull();
    expect(app.includes).toContainEqual(expect.objectContaining({ type: 'dashboard', uid: d.uid, name: d.title }));
  });

  // Grafana compares the revision alone: at an upgrade it keeps its old copy of a dashboard of
  // the same one. revisions.ts has the content of each, from revision 1.
  it('has another revision where anything in it has changed', () => {
    const { revision, ...content } = d as DashboardJSON & { revision: number };
    const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
    const known = revisions[d.uid];
    expect(known[revision - 1], `raise "revision" and append "${hash}" to revisions.ts`).toBe(hash);
    expect(known.length, 'the newest revision').toBe(revision);
    expect(new Set(known).size).toBe(known.length);
  });

  it('can be drawn by the converter of the app', () => {
    expect(() => dashboardScene(d)).not.toThrow();
  });

  it('asks the chosen data source, about variables that there are', () => {
    const names = d.templating.list.map((v) => (v as { name: string }).name);
    for (const panel of d.panels) {
      expect(panel.datasource?.uid).toBe('${ds}');
      for (const [, name] of JSON.stringify(panel.targets).matchAll(/"\$(\w+)"/g)) {
        expect(names).toContain(name);
      }
    }
  });

  it('narrows every list, graph and map to the chosen environments, and its links keep them', () => {
    const targets = d.panels.flatMap((p) => (p.targets ?? []) as Array<{ queryType?: string; filters?: unknown[] }>).filter((t) => t.queryType !== 'trace');
    expect(targets.length).toBeGreaterThan(0);
    for (const t of targets) {
      expect(t.filters).toContainEqual({ key: 'deployment.environment.name', operator: '=', value: '$environment' });
    }
    for (const [, query] of JSON.stringify(d.panels).matchAll(/"\/d\/[\w-]+\?([^"]*)"/g)) {
      expect(query).toContain('${environment:queryparam}');
    }
  });

  it('asks for metrics and groups that the backend knows', () => {
    const targets = d.panels.flatMap((p) => (p.targets ?? []) as Array<{ metrics?: string[]; groupBy?: string[] }>);
    for (const t of targets) {
      expect((t.metrics ?? []).filter((m) => !metrics.test(m))).toEqual([]);
      expect((t.groupBy ?? []).filter((g) => !groups.includes(g))).toEqual([]);
    }
  });

  it('names the series of a graph by what they are grouped by, not by metric and label', () => {
    for (const panel of d.panels.filter((p) => p.type === 'timeseries')) {
      const [{ groupBy }] = panel.targets as unknown as Array<{ groupBy: string[] }>;
      const { displayName } = (panel.fieldConfig as { defaults: { displayName?: string } }).defaults;
      expect(displayName).toBe(groupBy.map((g) => `\${__field.labels.${g}}`).join(' on '));
    }
  });

  it('leads to the others, and its data links to dashboards that there are', () => {
    const others = dashboards.filter((o) => o !== d).map((o) => `/d/${o.uid}`);
    expect((d.links ?? []).map((l) => l.url).sort()).toEqual(others.sort());
    for (const [, uid] of JSON.stringify(d.panels).matchAll(/"\/d\/([\w-]+)/g)) {
      expect(dashboards.map((o) => o.uid)).toContain(uid);
    }
  });

  it('has panels that do not overlap and fill 24 columns at most', () => {
    const cells = new Set<string>();
    for (const { gridPos: g } of d.panels) {
      expect(g.x + g.w).toBeLessThanOrEqual(24);
      for (let x = g.x; x < g.x + g.w; x++) {
        for (let y = g.y; y < g.y + g.h; y++) {
          expect(cells.has(`${x},${y}`)).toBe(false);
          cells.add(`${x},${y}`);
        }
      }
    }
    expect(new Set(d.panels.map((p) => p.id)).size).toBe(d.panels.length);
  });
});
