import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './ConfigEditor';
import { ThroughlineDataSource } from './datasource';
import { type ThroughlineOptions, type ThroughlineQuery, type ThroughlineSecrets } from './query';
import { QueryEditor } from './QueryEditor';

export const plugin = new DataSourcePlugin<
  ThroughlineDataSource,
  ThroughlineQuery,
  ThroughlineOptions,
  ThroughlineSecrets
>(ThroughlineDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
