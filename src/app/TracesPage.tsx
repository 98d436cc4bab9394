import React, { useMemo } from 'react';
import { PluginPage } from '@grafana/runtime';
import { UrlSyncContextProvider } from '@grafana/scenes';
import { dashboardScene, type DashboardJSON } from './dashboardScene';
import dashboard from '../dashboards/distributed-tracing.json';

// The app's first page: the dashboard "Distributed Tracing", from the same JSON.
export default function TracesPage() {
  const scene = useMemo(() => dashboardScene(dashboard as unknown as DashboardJSON), []);
  return (
    <PluginPage>
      <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
        <scene.Component model={scene} />
      </UrlSyncContextProvider>
    </PluginPage>
  );
}
