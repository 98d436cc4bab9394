import { DataSourcePlugin } from '@grafana/data';
import { ThroughlineDataSource } from './datasource';
import { type ThroughlineOptions, type ThroughlineSecrets } from './options';
import { type ThroughlineQuery } from './query';
import { translated } from './translated';

export const plugin = new DataSourcePlugin<
  ThroughlineDataSource,
  ThroughlineQuery,
  ThroughlineOptions,
  ThroughlineSecrets
>(ThroughlineDataSource)
  .setConfigEditor(translated(async () => (await import('./ConfigEditor')).ConfigEditor))
  .setQueryEditor(translated(async () => (await import('./QueryEditor')).QueryEditor));
