import { describe, expect, it } from 'vitest';
import { sceneGraph, SceneQueryRunner } from '@grafana/scenes';
import { Heatmap } from './Heatmap';
import { overviewScene, traceURL } from './overviewScene';
import { Selection } from './Selection';

const find = <T>(kind: new (...args: never[]) => T, scene = overviewScene()) =>
  sceneGraph.findObject(scene, (o) => o instanceof kind) as T;

describe('the first page', () => {
  it('asks for what is filtered, and nothing else', () => {
    const runners = sceneGraph.findAllObjects(overviewScene(), (o) => o instanceof SceneQueryRunner);
    const queries = (runners as SceneQueryRunner[]).map((r) => r.state.queries[0]);
    expect(queries.map((q) => q.queryType)).toEqual(['metrics', 'search']);
    for (const q of queries) {
      expect(q).toMatchObject({ namespace: '$namespace', service: '$service' });
    }
  });

  it('leads from a request to its flame graph', () => {
    expect(traceURL).toMatch(/^\/a\/throughline-app\/traces\?/);
    expect(traceURL).toContain('var-trace_id=${__data.fields.trace}');
  });

  it('narrows the list to what is brushed, and shows requests as the heatmap counts them', () => {
    const scene = overviewScene();
    const [heatmap, selection] = [find(Heatmap, scene), find(Selection, scene)];
    const value = (name: string) => scene.state.$variables!.getByName(name)!.getValue();
    heatmap.select({ from: 1_700_000_000_000, to: 1_700_000_060_000, min: 5e6, max: 1.5e9 });
    expect(selection.state.value.from.valueOf()).toBe(1_700_000_000_000);
    expect(selection.getUrlState()).toEqual({ brush: '1700000000000-1700000060000' });
    expect([value('min_duration'), value('max_duration'), value('rows')]).toEqual(['5ms', '1.5s', 'requests']);
    heatmap.select();
    expect(selection.state.brush).toBeUndefined();
    expect(selection.state.value).toEqual(sceneGraph.getTimeRange(scene).state.value);
    expect(value('min_duration')).toBe('');
  });

  it('takes a brush from the URL, but no nonsense', () => {
    const scene = overviewScene();
    const selection = find(Selection, scene);
    selection.updateFromUrl({ brush: '1700000000000-1700000060000' });
    expect(selection.state.value.to.valueOf()).toBe(1_700_000_060_000);
    selection.updateFromUrl({ brush: "2'-1" });
    expect(selection.state.brush).toBeUndefined();
  });
});
