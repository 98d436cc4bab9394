import React from 'react';
import { type DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { Field, FieldSet, Input, SecretInput, SecretTextArea, Switch } from '@grafana/ui';
import { type ThroughlineOptions, type ThroughlineSecrets } from './query';

type Props = DataSourcePluginOptionsEditorProps<ThroughlineOptions, ThroughlineSecrets>;

const width = 50;

export function ConfigEditor({ options, onOptionsChange }: Props) {
  const { jsonData, secureJsonData, secureJsonFields } = options;
  const json = (part: Partial<ThroughlineOptions>) =>
    onOptionsChange({ ...options, jsonData: { ...jsonData, ...part } });

  // What a secret's input needs: its value never comes back from Grafana, only whether it is set.
  const secret = (key: keyof ThroughlineSecrets) => ({
    isConfigured: Boolean(secureJsonFields?.[key]),
    value: secureJsonData?.[key] ?? '',
    onChange: (e: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      onOptionsChange({ ...options, secureJsonData: { ...secureJsonData, [key]: e.currentTarget.value } }),
    onReset: () =>
      onOptionsChange({
        ...options,
        secureJsonFields: { ...secureJsonFields, [key]: false },
        secureJsonData: { ...secureJsonData, [key]: '' },
      }),
  });

  return (
    <>
      <FieldSet label="Where the spans are">
        <Field
          noMargin
          label="URL"
          description="A Throughline server's read-only ClickHouse address (http://throughline-server:20418/clickhouse/), or the HTTP interface of any ClickHouse (http://clickhouse:8123, https://clickhouse:8443)"
        >
          <Input
            width={width}
            aria-label="URL"
            value={options.url}
            placeholder="http://127.0.0.1:20418/clickhouse/"
            onChange={(e) => onOptionsChange({ ...options, url: e.currentTarget.value.trim() })}
          />
        </Field>
        <Field noMargin label="Token" description="Of a Throughline server started with --token">
          <SecretInput width={width} aria-label="Token" {...secret('token')} />
        </Field>
        <Field noMargin label="Database">
          <Input
            width={width}
            value={jsonData.database ?? ''}
            placeholder="throughline"
            onChange={(e) => json({ database: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
      </FieldSet>
      <FieldSet label="ClickHouse, asked directly">
        <Field noMargin label="User">
          <Input
            width={width}
            value={jsonData.username ?? ''}
            placeholder="default"
            onChange={(e) => json({ username: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
        <Field noMargin label="Password">
          <SecretInput width={width} {...secret('password')} />
        </Field>
        <Field noMargin label="Cluster" description="Name of the cluster, where the tables are distributed">
          <Input
            width={width}
            value={jsonData.cluster ?? ''}
            onChange={(e) => json({ cluster: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
        <Field noMargin label="Timeout in seconds">
          <Input
            width={width}
            type="number"
            min={1}
            value={jsonData.timeoutSeconds ?? ''}
            placeholder="30"
            onChange={(e) => json({ timeoutSeconds: e.currentTarget.valueAsNumber || undefined })}
          />
        </Field>
      </FieldSet>
      <FieldSet label="TLS">
        <Field noMargin label="Server name" description="Where it differs from the host in the URL">
          <Input
            width={width}
            value={jsonData.tlsServerName ?? ''}
            onChange={(e) => json({ tlsServerName: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
        <Field noMargin label="Do not verify the server's certificate">
          <Switch
            value={Boolean(jsonData.tlsSkipVerify)}
            onChange={(e) => json({ tlsSkipVerify: e.currentTarget.checked })}
          />
        </Field>
        <Field noMargin label="CA certificate" description="PEM text">
          <SecretTextArea cols={60} rows={4} {...secret('tlsCACert')} />
        </Field>
        <Field noMargin label="Client certificate" description="PEM text">
          <SecretTextArea cols={60} rows={4} {...secret('tlsClientCert')} />
        </Field>
        <Field noMargin label="Client key" description="PEM text">
          <SecretTextArea cols={60} rows={4} {...secret('tlsClientKey')} />
        </Field>
      </FieldSet>
    </>
  );
}
