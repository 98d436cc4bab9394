import { describe, expect, it } from 'vitest';
import { EmbeddedScene, SceneTimeRange, VizPanel, sceneGraph } from '@grafana/scenes';
import { type TypedVariableModel } from '@grafana/data';
import dashboard from '../dashboards/distributed-tracing.json';
import { dashboardScene, variable, type DashboardJSON } from './dashboardScene';

const scene = (): EmbeddedScene => dashboardScene(dashboard as unknown as DashboardJSON);

describe('the scene of the dashboard "Distributed Tracing"', () => {
  it('has the variables that links set', () => {
    const names = scene().state.$variables!.state.variables.map((v) => v.state.name);
    expect(names).toEqual(['ds', 'environment', 'namespace', 'workload', 'request_resource', 'trace_id', 'span_id', 'filters']);
  });

  it('finds every request where none is asked for', () => {
    const v = scene().state.$variables!.getByName('request_resource')!;
    expect(v.getValue()).toBe('*');
  });

  it('shows the request list and the flame graph', () => {
    const panels = sceneGraph.findAllObjects(scene(), (o) => o instanceof VizPanel) as VizPanel[];
    expect(panels.map((p) => p.state.pluginId)).toEqual(['throughline-requests-panel', 'throughline-panel']);
  });

  it('keeps its own time range where the URL has no readable time', () => {
    const range = scene().state.$timeRange as SceneTimeRange;
    range.urlSync!.updateFromUrl({ from: 'some-docs', to: undefined });
    expect(range.state.from).toBe('now-15m');
    expect(range.state.value.from.isValid()).toBe(true);
    range.urlSync!.updateFromUrl({ from: 'now-1h' });
    expect(range.state.from).toBe('now-1h');
  });

  it('draws a panel whose first queries were taken back, so that it can say so', () => {
    const data = (sceneGraph.findObject(scene(), (o) => o instanceof VizPanel) as VizPanel).state.$data!;
    expect(data.isDataReadyToDisplay!()).toBe(false);
    data.cancelQuery!();
    expect(data.isDataReadyToDisplay!()).toBe(true);
  });

  it('refuses what it does not know, so that nothing is lost in silence', () => {
    expect(() => variable({ name: 'x', type: 'interval' } as TypedVariableModel)).toThrow('interval');
    const rows = { ...dashboard, panels: [{ id: 1, type: 'row', title: 'More', gridPos: { x: 0, y: 0, w: 1, h: 1 } }] };
    expect(() => dashboardScene(rows as unknown as DashboardJSON)).toThrow('rows are not supported');
  });
});
