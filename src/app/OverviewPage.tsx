import React, { useMemo } from 'react';
import { PluginPage } from '@grafana/runtime';
import { UrlSyncContextProvider } from '@grafana/scenes';
import { overviewScene } from './overviewScene';

// The app's first page.
export default function OverviewPage() {
  const scene = useMemo(overviewScene, []);
  return (
    <PluginPage>
      <UrlSyncContextProvider scene={scene} updateUrlOnInit createBrowserHistorySteps>
        <scene.Component model={scene} />
      </UrlSyncContextProvider>
    </PluginPage>
  );
}
