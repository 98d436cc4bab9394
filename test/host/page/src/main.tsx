// The page: Grafana's services, the modules it shares with plugins, and a router.
import { locationUtil, ThemeContext } from '@grafana/data';
import { config, locationService, LocationServiceProvider } from '@grafana/runtime';
import { ErrorBoundaryAlert, GlobalStyles, ModalRoot, ModalsProvider, PortalContainer } from '@grafana/ui';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { Route, Router, Routes } from 'react-router-dom';
import { Messages } from './chrome';
import { heatmapPanel } from './heatmapPanel';
import { initializeI18n } from './internal';
import { nodeGraphPanel } from './nodeGraphPanel';
import { App, Dashboard, DataSourceSettings, Explore, Index } from './pages';
import { addCorePanel, setServices } from './services';
import { shareModules } from './shared';
import { SnapshotPage } from './snapshot';
import { tablePanel } from './tablePanel';
import { timeSeriesPanel } from './timeSeriesPanel';

function Root() {
  const [state, setState] = React.useState({
    location: locationService.getLocation(),
    action: locationService.getHistory().action,
  });
  React.useLayoutEffect(
    () => locationService.getHistory().listen((location: any, action: any) => setState({ location, action })),
    []
  );
  return (
    <ThemeContext.Provider value={config.theme2}>
      <GlobalStyles />
      <LocationServiceProvider service={locationService}>
        {/* The router follows the history that locationService keeps (history 4, as in Grafana). */}
        <Router
          navigator={locationService.getHistory() as any}
          location={state.location}
          navigationType={state.action as any}
        >
          <ModalsProvider>
            <ErrorBoundaryAlert style="page">
              <Routes>
                <Route path="/d/:uid/:slug?" element={<Dashboard />} />
                <Route path="/dashboard/snapshot/:uid" element={<SnapshotPage />} />
                <Route path="/a/:id/*" element={<App />} />
                <Route path="/connections/datasources/edit/:uid" element={<DataSourceSettings />} />
                <Route path="/explore" element={<Explore />} />
                <Route path="*" element={<Index />} />
              </Routes>
            </ErrorBoundaryAlert>
            <ModalRoot />
          </ModalsProvider>
          <Messages />
          <PortalContainer />
        </Router>
      </LocationServiceProvider>
    </ThemeContext.Provider>
  );
}

// Links inside the page move the router, as in Grafana; without it each would load the page anew.
document.addEventListener('click', (e) => {
  const a = (e.target as Element).closest('a[href]');
  if (
    !a ||
    e.defaultPrevented ||
    e.button !== 0 ||
    e.ctrlKey ||
    e.metaKey ||
    e.shiftKey ||
    (a as HTMLAnchorElement).target === '_blank' ||
    a.hasAttribute('download')
  ) {
    return;
  }
  // As Grafana reads it: a path is one below its sub path, which may stand there or not.
  const href = locationUtil.stripBaseFromUrl(a.getAttribute('href')!); // not .href, which in an SVG is no text
  const url = new URL(href, location.origin);
  if (url.origin === location.origin && !/^\/(api|public)\//.test(url.pathname)) {
    e.preventDefault();
    locationService.push(url.pathname + url.search + url.hash);
  }
});

async function start() {
  // A language counts once there are texts of it: Grafana's own are not published.
  const texts = { type: 'backend', init: () => {}, read: (language: string, _: string, done: (e: null, texts: object) => void) => done(null, { language }) };
  await initializeI18n({ language: config.bootData.user.language, ns: ['grafana'], module: texts as never });
  setServices();
  addCorePanel(tablePanel, 'table', 'Table');
  addCorePanel(timeSeriesPanel, 'timeseries', 'Time series');
  addCorePanel(heatmapPanel, 'heatmap', 'Heatmap');
  addCorePanel(nodeGraphPanel, 'nodeGraph', 'Node graph');
  shareModules();
  createRoot(document.getElementById('reactRoot')!).render(<Root />);
}
start();
