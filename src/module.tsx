import React, { lazy, Suspense } from 'react';
import { AppPlugin, type AppRootProps } from '@grafana/data';

// Scenes are a chunk of their own: Grafana loads this module for every user at start.
const TracesPage = lazy(async () => {
  const { initPluginTranslations } = await import('@grafana/i18n');
  await initPluginTranslations('throughline-app'); // @grafana/scenes, bundled here, takes its texts from it
  return import('./app/TracesPage');
});

const Root = (_: AppRootProps) => (
  <Suspense fallback={null}>
    <TracesPage />
  </Suspense>
);

export const plugin = new AppPlugin().setRootPage(Root);
