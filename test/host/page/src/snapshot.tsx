// Snapshots: what Grafana keeps of a dashboard for somebody without rights. The frames that its
// panels showed and the values of its variables; the data source is not there.
import {
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  LoadingState,
  type TestDataSourceResponse,
  toDataFrame,
  toDataFrameDTO,
} from '@grafana/data';
import { config, getBackendSrv } from '@grafana/runtime';
import {
  registerRuntimeDataSource,
  RuntimeDataSource,
  sceneGraph,
  type SceneObject,
  UrlSyncContextProvider,
  VizPanel,
} from '@grafana/scenes';
import * as React from 'react';
import { useParams } from 'react-router-dom';
import { dashboardScene, type DashboardJSON } from '../../../../src/app/dashboardScene';
import { Page } from './chrome';
import { initDataSourceInstanceSettings } from './internal';
import { useLoaded } from './useLoaded';

type PanelJSON = DashboardJSON['panels'][number];

interface Snapshot {
  uid: string;
  from: string;
  to: string;
  variables: Record<string, string>;
  frames: Record<string, unknown[]>; // by the panel's key
}

const KEY = 'snapshot';
const GRAFANA = { type: 'grafana', uid: 'grafana' };

/** Keeps what a dashboard shows, and opens the snapshot as anybody would. */
export function takeSnapshot(uid: string, scene: SceneObject) {
  const range = sceneGraph.getTimeRange(scene).state.value;
  const snapshot: Snapshot = { uid, from: range.from.toISOString(), to: range.to.toISOString(), variables: {}, frames: {} };
  for (const { state } of sceneGraph.getVariables(scene).state.variables) {
    snapshot.variables[state.name] = sceneGraph.interpolate(scene, '${' + state.name + '}');
  }
  for (const panel of sceneGraph.findAllObjects(scene, (o) => o instanceof VizPanel) as VizPanel[]) {
    snapshot.frames[panel.state.key!] = sceneGraph.getData(panel).state.data?.series.map((frame) => toDataFrameDTO(frame)) ?? [];
  }
  sessionStorage.setItem(KEY, JSON.stringify(snapshot));
  window.location.assign(new URL(`dashboard/snapshot/${uid}`, document.baseURI));
}

/** Grafana's own data source, which answers what its query holds. */
class Kept extends RuntimeDataSource {
  async query(request: DataQueryRequest): Promise<DataQueryResponse> {
    const frames = request.targets.flatMap((target) => (target as unknown as { snapshot: DataFrame[] }).snapshot);
    return { state: LoadingState.Done, data: frames.map((frame) => toDataFrame(frame)) };
  }
  testDatasource = async (): Promise<TestDataSourceResponse> => ({ status: 'success', message: '' });
}

/** Opens what takeSnapshot kept. */
export function SnapshotPage() {
  const { uid } = useParams();
  const scene = useLoaded(async () => {
    const kept: Snapshot = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    const { dashboard } = await getBackendSrv().get(`/api/dashboards/uid/${uid}`);
    // Who has no rights is told of no data source.
    for (const name of Object.keys(config.datasources)) {
      delete config.datasources[name];
    }
    initDataSourceInstanceSettings(config.datasources, '');
    registerRuntimeDataSource({ dataSource: new Kept(GRAFANA.type, GRAFANA.uid) });
    return snapshotScene(dashboard, kept);
  }, uid);
  return scene ? (
    <Page>
      <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
        <scene.Component model={scene} />
      </UrlSyncContextProvider>
    </Page>
  ) : null;
}

function snapshotScene(dashboard: DashboardJSON, { variables, frames, from, to }: Snapshot) {
  // Variables are what they were. Ad-hoc filters are left out: Grafana's own look-up of their data
  // source is a promise that nobody waits for, and it is rejected here.
  const list = (dashboard.templating.list as Array<{ name: string; type: string }>)
    .filter((v) => v.type !== 'adhoc')
    .map(({ name }) => ({ name, type: 'textbox', query: variables[name], current: { value: variables[name] } }));
  const query = (p: PanelJSON) => ({ refId: 'A', datasource: GRAFANA, queryType: 'snapshot', snapshot: frames[`panel-${p.id}`] });
  const panels = dashboard.panels.map((p): PanelJSON => ({ ...p, datasource: GRAFANA, targets: [query(p)] }));
  return dashboardScene({ ...dashboard, templating: { list }, panels, time: { from, to } });
}
