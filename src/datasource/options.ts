// What is set of the data source, and what its settings' editors are given.
import { type DataSourceJsonData, type DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { type SignalSettings } from '../trace/signals';

export interface ThroughlineOptions extends DataSourceJsonData, SignalSettings {
  database?: string; // ClickHouse database, default "throughline"
  username?: string; // of a ClickHouse that is asked directly
  cluster?: string; // name of the cluster that the schema was made on
  timeoutSeconds?: number;
  tlsSkipVerify?: boolean;
  tlsServerName?: string;
}

export interface ThroughlineSecrets {
  token?: string; // of the server's read-only ClickHouse address
  password?: string;
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
}

export type ConfigProps = DataSourcePluginOptionsEditorProps<ThroughlineOptions, ThroughlineSecrets>;
