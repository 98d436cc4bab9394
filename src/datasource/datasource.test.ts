import { describe, expect, it, vi } from 'vitest';
import { lastValueFrom, of } from 'rxjs';
import { CoreApp, type DataQueryRequest, type DataSourceInstanceSettings } from '@grafana/data';
import { DataSourceWithBackend, setTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { ThroughlineDataSource } from './datasource';
import { type ThroughlineOptions } from './options';
import { type ThroughlineQuery } from './query';
import { type ThroughlineVariables } from './variables';

const settings = {
  id: 1,
  uid: 'uid',
  name: 'Throughline',
  type: 'throughline-datasource',
  meta: {},
  jsonData: {},
} as DataSourceInstanceSettings<ThroughlineOptions>;

const dashboard = (variables: Record<string, string>) =>
  setTemplateSrv({
    replace: (text = '') => text.replace(/\$\{?(\w+)\}?/g, (all, name) => variables[name] ?? all),
  } as TemplateSrv);

const traceQuery: ThroughlineQuery = { refId: 'A', queryType: 'trace', query: '$trace_id', spanVariable: 'span_id' };

describe('the trace query', () => {
  it('asks for the trace of the dashboard variable', () => {
    dashboard({ trace_id: ' 4bf92f3577b34da6a3ce929d0e0e4736 ', span_id: '00f067aa0ba902b7' });
    const ds = new ThroughlineDataSource(settings);
    expect(ds.filterQuery(traceQuery)).toBe(true);
    expect(ds.applyTemplateVariables(traceQuery, {}).query).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it('falls back to the selected span, so that a link with only a span id works', () => {
    dashboard({ trace_id: '', span_id: '00f067aa0ba902b7' });
    const ds = new ThroughlineDataSource(settings);
    expect(ds.filterQuery(traceQuery)).toBe(true);
    expect(ds.applyTemplateVariables(traceQuery, {}).query).toBe('00f067aa0ba902b7');
  });

  it('is not sent while nothing is chosen', () => {
    dashboard({ trace_id: '', span_id: '' });
    expect(new ThroughlineDataSource(settings).filterQuery(traceQuery)).toBe(false);
  });

  it('does not take an unknown variable for an id', () => {
    dashboard({ trace_id: '' });
    expect(new ThroughlineDataSource(settings).filterQuery(traceQuery)).toBe(false);
  });

  it('does not name the span variable in its text: a selection must not read the trace again', () => {
    expect(JSON.stringify(traceQuery)).not.toMatch(/\$\{?span_id/);
  });
});

describe('the search query', () => {
  it('has no condition on a variable that is at All, and one on * that is written there', () => {
    dashboard({ environment: '*', tier: 'gold' });
    const filters = [
      { key: 'deployment.environment.name', operator: '=', value: '$environment' },
      { key: 'user.tier', operator: '=', value: '$tier' },
      { key: 'user.id', operator: '=', value: '*' },
    ];
    const asked = new ThroughlineDataSource(settings).applyTemplateVariables({ refId: 'A', queryType: 'search', filters }, {});
    expect(asked.filters).toEqual([{ key: 'user.tier', operator: '=', value: 'gold' }, { key: 'user.id', operator: '=', value: '*' }]);
  });

  it('gets the values of the variables it names', () => {
    dashboard({ namespace: 'webshop', request_resource: '*order*' });
    const ds = new ThroughlineDataSource(settings);
    const query = {
      refId: 'A',
      queryType: 'search' as const,
      namespace: '$namespace',
      requestResource: '$request_resource',
    };
    expect(ds.applyTemplateVariables(query, {})).toEqual({
      ...query,
      namespace: 'webshop',
      requestResource: '*order*',
    });
  });

  it('carries the ad-hoc filters of the dashboard', async () => {
    const sent = vi.spyOn(DataSourceWithBackend.prototype, 'query').mockReturnValue(of({ data: [] }));
    const filters = [{ key: 'http.route', operator: '=', value: '/order' }];
    const targets: ThroughlineQuery[] = [{ refId: 'A', queryType: 'search' }];
    const ds = new ThroughlineDataSource(settings);
    await lastValueFrom(ds.query({ targets, filters } as unknown as DataQueryRequest<ThroughlineQuery>));
    expect(sent.mock.calls[0][0].targets).toEqual([{ refId: 'A', queryType: 'search', filters }]);
    sent.mockRestore();
  });

  it('keeps its own filters beside them, with variables replaced and unfinished ones left out', () => {
    dashboard({ user: '7' });
    const filters = [
      { key: 'user.id', operator: '=', value: '$user' },
      { key: 'http.route', operator: '=', value: '' },
    ];
    const ds = new ThroughlineDataSource(settings);
    expect(ds.applyTemplateVariables({ refId: 'A', filters }, {}).filters).toEqual([
      { key: 'user.id', operator: '=', value: '7' },
    ]);
  });

  it('of an older dashboard lists traces: any of their spans may be the one asked for', () => {
    dashboard({ request_resource: '*Order*' });
    const query: ThroughlineQuery = { refId: 'A', requestResource: '$request_resource', scope: 'auto' };
    expect(new ThroughlineDataSource(settings).applyTemplateVariables(query, {}).scope).toBe('roots');
  });

  it('hands the values of a variable with several on as a list', () => {
    const format = vi.fn((text?: string, _vars?: unknown, listed?: unknown) =>
      text === '$namespace' ? (listed as (value: unknown) => string)(['web', 'a|b', 'c\\d']) : text === '$one' ? (listed as (value: unknown) => string)('web') : (text ?? '')
    );
    setTemplateSrv({ replace: format, getVariables: () => [] } as unknown as TemplateSrv);
    const query: ThroughlineQuery = { refId: 'A', namespace: '$namespace', service: '$one', filters: [{ key: 'k8s.pod.name', operator: '=', value: '$namespace' }] };
    const asked = new ThroughlineDataSource(settings).applyTemplateVariables(query, {});
    expect(asked).toMatchObject({ namespace: 'web|a\\|b|c\\\\d', service: 'web', filters: [{ value: 'web|a\\|b|c\\\\d' }] });
  });

  it('suggests values within what the query says already', async () => {
    dashboard({ namespace: 'webshop' });
    const ds = new ThroughlineDataSource(settings);
    const asked = vi.spyOn(ds, 'getResource').mockResolvedValue({ values: [{ text: 'web-shop' }], leftOut: ['old ones'] });
    const query: ThroughlineQuery = { refId: 'A', namespace: '$namespace', service: 'old' };
    expect(await ds.suggest('service', 'web', query)).toEqual({ values: ['web-shop'], leftOut: ['old ones'] });
    expect(asked.mock.calls[0].slice(0, 2)).toEqual([
      'tag-values',
      { key: 'service', pattern: '*web*', namespace: 'webshop', leftOut: 'true' },
    ]);
    asked.mockRejectedValue(new Error('away'));
    expect(await ds.suggest('service', '', query)).toEqual({ values: [], leftOut: [] }); // one types, then
    expect(await ds.suggestKeys('')).toEqual({ values: [], leftOut: [] });
  });

  it('is the default, in Explore with both frames for a trace', () => {
    const ds = new ThroughlineDataSource(settings);
    expect(ds.getDefaultQuery(CoreApp.Dashboard)).toEqual({ queryType: 'search' });
    expect(ds.getDefaultQuery(CoreApp.Explore)).toEqual({ queryType: 'search', view: 'both' });
    expect(ds.getDefaultQuery(CoreApp.UnifiedAlerting)).toMatchObject({ queryType: 'metrics', format: 'numeric' });
    expect(ds.annotations?.getDefaultQuery?.()).toEqual({ queryType: 'annotations', status: 'error' });
  });
});

describe('a dashboard variable', () => {
  it('is a query of type "variables"', async () => {
    const ds = new ThroughlineDataSource(settings);
    const sent = vi.spyOn(ds, 'query').mockReturnValue(of({ data: [] }));
    const targets = [{ refId: '', name: 'workload', namespace: '$namespace' }];
    await lastValueFrom(
      (ds.variables as ThroughlineVariables).query({ targets } as unknown as DataQueryRequest<ThroughlineQuery>)
    );
    expect(sent.mock.calls[0][0].targets).toEqual([
      { refId: 'variable', queryType: 'variables', name: 'workload', namespace: '$namespace' },
    ]);
  });

  it('that does not say what to list is not sent', () => {
    expect(new ThroughlineDataSource(settings).filterQuery({ refId: 'A', queryType: 'variables' })).toBe(false);
  });
});
