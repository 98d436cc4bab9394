import { DataSourcePlugin } from '@grafana/data';
import { loadTranslations, texts, translated } from '../language/translated';
import { ThroughlineDataSource } from './datasource';
import { type ThroughlineOptions, type ThroughlineSecrets } from './options';
import { type ThroughlineQuery } from './query';
import { id } from './plugin.json';

void loadTranslations(id, texts({ 'de-DE': () => import('./locales/de-DE/throughline-datasource.json') }));

export const plugin = new DataSourcePlugin<
  ThroughlineDataSource,
  ThroughlineQuery,
  ThroughlineOptions,
  ThroughlineSecrets
>(ThroughlineDataSource)
  .setConfigEditor(translated(async () => (await import('./ConfigEditor')).ConfigEditor))
  .setQueryEditor(translated(async () => (await import('./QueryEditor')).QueryEditor));
