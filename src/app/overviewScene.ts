import { VariableHide } from '@grafana/data';
import {
  CustomVariable,
  DataSourceVariable,
  EmbeddedScene,
  QueryVariable,
  SceneFlexItem,
  SceneFlexLayout,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  SceneVariableSet,
  TextBoxVariable,
  VariableValueSelectors,
} from '@grafana/scenes';
import { t } from '../language/t';
import { type ThroughlineQuery } from '../datasource/query';
import dashboard from '../dashboards/distributed-tracing.json';
import { Connected } from './Connected';
import { type DashboardJSON, TimeControls, vizPanel } from './dashboardScene';
import { Heatmap } from './Heatmap';
import { Selection } from './Selection';

const datasource = { type: 'throughline-datasource', uid: '${ds}' };

// Where a row leads: the app's page with the flame graph, with this page's data source,
// namespace and the time of the list, which may be brushed.
export const traceURL =
  '/a/throughline-app/traces?from=${__from}&to=${__to}&${ds:queryparam}&${namespace:queryparam}&var-trace_id=${__data.fields.trace}&var-span_id=${__data.fields.span}';

const filters: Partial<ThroughlineQuery> = { namespace: '$namespace', service: '$service' };

const choice = (name: 'namespace' | 'service', label: string, query: object = {}) =>
  new QueryVariable({
    name,
    label,
    datasource,
    query: { refId: 'variable', queryType: 'variables', name, ...query },
    includeAll: true,
    defaultToAll: true,
    allValue: '*',
    value: '$__all',
    text: 'All',
    refresh: 2,
    sort: 1,
  });

/** The app's first page: what is connected, how long requests took, and requests to click. */
export function overviewScene() {
  const selection = new Selection();
  const [list] = (dashboard as unknown as DashboardJSON).panels;
  return new EmbeddedScene({
    key: 'throughline-overview',
    $timeRange: new SceneTimeRange({ from: 'now-1h', to: 'now' }),
    $variables: new SceneVariableSet({
      variables: [
        new DataSourceVariable({ name: 'ds', label: t('overview.source', 'Data source'), pluginId: 'throughline-datasource' }),
        choice('namespace', t('field.namespace', 'Namespace')),
        choice('service', t('field.service', 'Service'), { namespace: '$namespace' }),
        new TextBoxVariable({ name: 'min_duration', label: t('search.longer', 'Longer than'), description: t('overview.longer-help', 'Such as 5ms'), value: '' }),
        new TextBoxVariable({ name: 'max_duration', label: t('search.shorter', 'Shorter than'), description: t('overview.shorter-help', 'Such as 1.5s'), value: '' }),
        new CustomVariable({
          name: 'rows',
          label: t('query.rows', 'Rows'),
          description: t('overview.rows-help', 'Traces: where each began. Requests: every request where it was served'),
          query: `${t('query.scope.roots', 'Traces')} : roots, ${t('tab.requests', 'Requests')} : requests`,
          value: 'roots',
          text: t('query.scope.roots', 'Traces'),
          hide: VariableHide.dontHide,
        }),
      ],
    }),
    controls: [
      new VariableValueSelectors({}),
      new TimeControls({
        picker: new SceneTimePicker({ isOnCanvas: true }),
        refresh: new SceneRefreshPicker({ isOnCanvas: true, intervals: ['5s', '10s', '30s', '1m', '5m'] }),
      }),
    ],
    body: new SceneFlexLayout({
      direction: 'column',
      children: [
        new SceneFlexItem({ ySizing: 'content', body: new Connected({ datasource: '${ds}' }) }),
        new SceneFlexItem({
          ySizing: 'content',
          $data: new SceneQueryRunner({
            datasource,
            queries: [{ refId: 'A', queryType: 'metrics', format: 'heatmap', observed: 'served', ...filters }],
          }),
          body: new Heatmap({ selection: selection.getRef() }),
        }),
        new SceneFlexItem({
          minHeight: 400,
          $timeRange: selection,
          body: vizPanel({
            ...list,
            fieldConfig: {
              ...list.fieldConfig!,
              defaults: {
                ...list.fieldConfig!.defaults,
                links: [{ title: t('overview.show', 'Show this trace'), url: traceURL, oneClick: true }],
              },
            },
            datasource,
            targets: [
              {
                refId: 'A',
                queryType: 'search',
                scope: '$rows',
                limit: 200,
                minDuration: '$min_duration',
                maxDuration: '$max_duration',
                ...filters,
              },
            ],
          }),
        }),
      ],
    }),
  });
}
