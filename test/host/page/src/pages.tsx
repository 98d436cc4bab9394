// The pages: a dashboard, the app, a data source's settings, and the useful minimum of Explore.
import {
  type AppPlugin,
  type DataSourcePlugin,
  CoreApp,
  type DataFrame,
  FieldType,
  getDefaultTimeRange,
  LoadingState,
  type PanelData,
} from '@grafana/data';
import { config, getBackendSrv, getDataSourceSrv, getRunRequest } from '@grafana/runtime';
import { sceneGraph, UrlSyncContextProvider, VizPanel, VizPanelMenu } from '@grafana/scenes';
import { Button, Link } from '@grafana/ui';
import * as React from 'react';
import { useLocation, useParams } from 'react-router-dom';
import { dashboardScene } from '../../../../src/app/dashboardScene';
import { OptionsDrawer, Page } from './chrome';
import { ExploredPanel } from './exploredPanel';
import { importPlugin } from './shared';
import { takeSnapshot } from './snapshot';
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
          items: [
            { text: 'Options', iconClassName: 'sliders-v-alt', onClick: () => edit(panel) },
            { text: 'Share snapshot', iconClassName: 'camera', onClick: () => takeSnapshot(uid!, scene) },
          ],
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

/** The page of an app, or that it is not on: Grafana asks on the plugin's own page to enable it. */
export function App() {
  const { id } = useParams();
  const location = useLocation();
  const settings = `/api/plugins/${id}/settings`;
  const app = useLoaded(async () => {
    const meta = await getBackendSrv().get(settings);
    return { plugin: meta.enabled ? await importPlugin<AppPlugin>(meta) : undefined, name: meta.name };
  }, id);
  const enable = async () => {
    await getBackendSrv().post(settings, { enabled: true });
    window.location.reload(); // the menu comes with the page
  };
  if (app && !app.plugin) {
    return (
      <Page>
        <p>{app.name} is not enabled.</p>
        <Button onClick={enable}>Enable</Button>
      </Page>
    );
  }
  const plugin = app?.plugin;
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

/** What a link to Explore asks for: `panes` is how it is written today, `left` how data links write it, `ds` the short way in. */
function asked(): { datasource: string | null; query: any } {
  const params = new URLSearchParams(location.search);
  const [pane] = Object.values<any>(JSON.parse(params.get('panes') ?? '{}'));
  const left = pane ?? JSON.parse(params.get('left') ?? '{}');
  return { datasource: left.datasource ?? params.get('ds'), query: { refId: 'A', ...left.queries?.[0] } };
}

/**
 * What Explore shows a frame in: the panel or the view that the frame prefers; else whatever has
 * times and numbers is a graph to it.
 */
function viewOf({ meta, fields }: DataFrame): string {
  const graph = fields.some((f) => f.type === FieldType.time) && fields.some((f) => f.type === FieldType.number);
  return meta?.preferredVisualisationPluginId ?? meta?.preferredVisualisationType ?? (graph ? 'graph' : 'table');
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
  const running = React.useRef<{ unsubscribe: () => void }>(undefined);
  React.useEffect(() => () => running.current?.unsubscribe(), []);
  const run = () => {
    running.current?.unsubscribe(); // only the newest run is shown: an older one may still say that it is loading
    running.current = getRunRequest()(ds, {
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
  };
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
          ? data.series.map((f) => `${f.name}: ${f.length} rows, shown as ${viewOf(f)}, ${f.fields.map((x) => x.name).join(' ')}`).join('\n')
          : data?.state}
        {data?.error?.message}
      </pre>
      {data?.state === LoadingState.Done && <ExploredPanel data={data} />}
    </Page>
  );
}

interface NavLink {
  text: string;
  url: string;
  children?: NavLink[];
}

const Menu = ({ links }: { links: NavLink[] }) => (
  <ul style={{ listStyle: 'inside', paddingLeft: 16 }}>
    {links.map((l) => (
      <li key={l.url}>
        <Link href={l.url}>{l.text}</Link>
        {l.children && <Menu links={l.children} />}
      </li>
    ))}
  </ul>
);

/** Grafana's menu, and the data sources. */
export const Index = () => (
  <Page>
    <nav aria-label="Menu">
      <Menu links={config.bootData.navTree as NavLink[]} />
    </nav>
    <ul style={{ listStyle: 'inside' }}>
      {Object.values(config.datasources).map((d) => (
        <li key={d.uid}>
          {d.name}: <Link href={`/connections/datasources/edit/${d.uid}`}>settings</Link>{' '}
          <Link href={`/explore?ds=${d.uid}`}>explore</Link>
        </li>
      ))}
    </ul>
  </Page>
);
