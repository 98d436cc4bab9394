import React, { lazy, Suspense } from 'react';
import { AppPlugin, type AppRootProps } from '@grafana/data';

// Scenes are a chunk of their own: Grafana loads this module for every user at start. The page comes
// after the texts, as its variables are named when it is made.
const page = (load: () => Promise<{ default: React.ComponentType }>) =>
  lazy(async () => {
    const { loadTexts } = await import('./app/texts');
    await loadTexts();
    return load();
  });

const OverviewPage = page(() => import('./app/OverviewPage'));
const TracesPage = page(() => import('./app/TracesPage'));

const Root = ({ path }: AppRootProps) => (
  <Suspense fallback={null}>{/\/traces\/?$/.test(path) ? <TracesPage /> : <OverviewPage />}</Suspense>
);

export const plugin = new AppPlugin().setRootPage(Root);
