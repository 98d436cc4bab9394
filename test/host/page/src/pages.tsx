// The pages: a dashboard, the app, a data source's settings, and the useful minimum of Explore.
import {
  type AppPlugin,
  type DataSourcePlugin,
  CoreApp,
  getDefaultTimeRange,
  LoadingState,
  type PanelData,
} from '@grafana/data';
import { config, getBackendSrv, getDataSourceSrv, getRunRequest } from '@grafana/runtime';
import { sceneGraph, UrlSyncContextProvider, VizPanel, VizPanelMenu } from '@grafana/scenes';
import { Button } from '@grafana/ui';
import * as React from 'react';
import { useLocation, useParams } from 'react-router-dom';
import { dashboardScene } from '../../../../src/app/dashboardScene';
import { OptionsDrawer, Page } from './chrome';
import { importPlugin } from './shared';
import { useLoaded } from './useLoaded';

export function Dashboard() {
  const { uid } = useParams();
  const [editing, edit] = React.useState<VizPanel>();
  const scene = useLoaded(async () => {
    const { dashboard } = await getBackendSrv().get(`/api/dashboards/uid/${uid}`);
    document.title = dashboard.title;
    const scene = dashboardScene(dashboard);
    for (const panel of sceneGraph.findAllObjects(scene, (o) => o instanceof VizPanel) as VizPanel[]) {
      panel.setState({
        menu: new VizPanelMenu({
          items: [{ text: 'Options', iconClassName: 'sliders-v-alt', onClick: () => edit(panel) }],
        }),
      });
    }
    return scene;
  }, uid);
  return scene ? (
    <Page>
      <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
        <scene.Component model={scene} />
      </UrlSyncContextProvider>
      {editing && <OptionsDrawer panel={editing} onClose={() => edit(undefined)} />}
    </Page>
  ) : null;
}

export function App() {
  const { id } = useParams();
  const location = useLocation();
  const plugin = useLoaded(() => importPlugin<AppPlugin>((config.apps as any)[id!]), id);
  return plugin?.root ? (
    <plugin.root
      meta={plugin.meta}
      basename={`/a/${id}`}
      path={location.pathname}
      query={Object.fromEntries(new URLSearchParams(location.search))}
      onNavChanged={() => {}}
    />
  ) : null;
}

export function DataSourceSettings() {
  const { uid } = useParams();
  const settings = getDataSourceSrv().getInstanceSettings(uid)!;
  const [options, setOptions] = React.useState<any>(settings);
  const [result, setResult] = React.useState('');
  const plugin = useLoaded(() => importPlugin<DataSourcePlugin<any>>(settings.meta), uid);
  const Editor = plugin?.components.ConfigEditor;
  const test = async () =>
    setResult(JSON.stringify(await (await getDataSourceSrv().get(uid)).testDatasource().catch((e: any) => e)));
  return Editor ? (
    <Page>
      <Editor options={options} onOptionsChange={setOptions} />
      <Button onClick={test}>Test</Button>
      <pre data-testid="health">{result}</pre>
    </Page>
  ) : null;
}

/** What a link to Explore asks for: `left` is how data links write it, `ds` the short way in. */
function asked(): { datasource: string | null; query: any } {
  const params = new URLSearchParams(location.search);
  const left = JSON.parse(params.get('left') ?? '{}');
  return { datasource: left.datasource ?? params.get('ds'), query: { refId: 'A', ...left.queries?.[0] } };
}

/** The query editor and the frames that come back: the useful minimum of Explore. */
export function Explore() {
  const { search } = useLocation();
  const ds = useLoaded(() => getDataSourceSrv().get(asked().datasource), search) as any;
  return ds ? <ExplorePane key={search} ds={ds} /> : null;
}

function ExplorePane({ ds }: { ds: any }) {
  const [query, setQuery] = React.useState<any>(() => asked().query);
  const [data, setData] = React.useState<PanelData>();
  const Editor = ds.components.QueryEditor;
  const range = getDefaultTimeRange();
  React.useEffect(() => {
    if (query.queryType) {
      run(); // a link's query is run at once
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const run = () =>
    getRunRequest()(ds, {
      requestId: 'explore',
      app: CoreApp.Explore,
      interval: '1s',
      intervalMs: 1000,
      maxDataPoints: 1000,
      range,
      scopedVars: {},
      startTime: Date.now(),
      timezone: 'browser',
      targets: [query],
    }).subscribe(setData);
  return (
    <Page>
      <Editor
        datasource={ds}
        query={query}
        onChange={setQuery}
        onRunQuery={run}
        app={CoreApp.Explore}
        data={data}
        range={range}
      />
      <Button onClick={run}>Run query</Button>
      <pre data-testid="frames">
        {data && data.state === LoadingState.Done
          ? data.series.map((f) => `${f.name}: ${f.length} rows, ${f.fields.map((x) => x.name).join(' ')}`).join('\n')
          : data?.state}
        {data?.error?.message}
      </pre>
    </Page>
  );
}

interface AppMeta {
  id: string;
  name: string;
  includes?: Array<{ type: string; name: string; path: string }>;
}

/** What Grafana's menu would lead to. */
export const Index = () => (
  <Page>
    <ul style={{ listStyle: 'inside' }}>
      {Object.values(config.apps as unknown as Record<string, AppMeta>).flatMap((app) =>
        (app.includes ?? [])
          .filter((i) => i.type === 'page')
          .map((i) => (
            <li key={i.path}>
              <a href={'/' + i.path.replace('%PLUGIN_ID%', app.id).replace(/^\//, '')}>
                {app.name}: {i.name}
              </a>
            </li>
          ))
      )}
      {Object.values(config.datasources).map((d) => (
        <li key={d.uid}>
          {d.name}: <a href={`/connections/datasources/edit/${d.uid}`}>settings</a>{' '}
          <a href={`/explore?ds=${d.uid}`}>explore</a>
        </li>
      ))}
    </ul>
  </Page>
);
