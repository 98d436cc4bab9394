// Functions that Grafana's core imports from '@grafana/*/internal', an entry that the published
// packages do not have. The bundler resolves these files (see build.mjs: alias grafana-runtime).
export {
  getDataSourceInstance,
  registerRuntimeDataSourceInstance,
  setDataSourcePluginImporter,
} from 'grafana-runtime/services/dataSource/dataSource';
export { initDataSourceInstanceSettings } from 'grafana-runtime/services/dataSource/settings';
export { setPluginPage } from 'grafana-runtime/components/PluginPage';
export { setPanelDataErrorView } from 'grafana-runtime/components/PanelDataErrorView';
export { initializeI18n } from 'grafana-i18n/i18n';
/** How the registry of transformations holds one: since 13 as a loader, before as the object. */
export const transformationEntry = (t: any) => async () => t;
