import React from 'react';
import { type DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { Field, FieldSet, Input, SecretInput, SecretTextArea, Switch, TextLink } from '@grafana/ui';
import { type ThroughlineOptions, type ThroughlineSecrets } from './query';

type Props = DataSourcePluginOptionsEditorProps<ThroughlineOptions, ThroughlineSecrets>;

const width = 50;
const docs = 'https://github.com/throughline-io/throughline/blob/main/provisioning/README.md';

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
      <p>
        <TextLink href={docs} external inline>
          How to set up the data source
        </TextLink>
        . Save &amp; test says what is wrong where spans cannot be read, and how to mend it.
      </p>
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
        <Field htmlFor="tl-token" noMargin label="Token" description="Of a Throughline server started with --token">
          <SecretInput id="tl-token" width={width} aria-label="Token" {...secret('token')} />
        </Field>
        <Field htmlFor="tl-database" noMargin label="Database">
          <Input id="tl-database"
            width={width}
            value={jsonData.database ?? ''}
            placeholder="throughline"
            onChange={(e) => json({ database: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
      </FieldSet>
      <FieldSet label="ClickHouse, asked directly">
        <Field htmlFor="tl-user" noMargin label="User">
          <Input id="tl-user"
            width={width}
            value={jsonData.username ?? ''}
            placeholder="default"
            onChange={(e) => json({ username: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
        <Field htmlFor="tl-password" noMargin label="Password">
          <SecretInput id="tl-password" width={width} {...secret('password')} />
        </Field>
        <Field htmlFor="tl-cluster" noMargin label="Cluster" description="Name of the cluster, where the tables are distributed">
          <Input id="tl-cluster"
            width={width}
            value={jsonData.cluster ?? ''}
            onChange={(e) => json({ cluster: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
        <Field htmlFor="tl-timeout" noMargin label="Timeout in seconds">
          <Input id="tl-timeout"
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
        <Field htmlFor="tl-server-name" noMargin label="Server name" description="Where it differs from the host in the URL">
          <Input id="tl-server-name"
            width={width}
            value={jsonData.tlsServerName ?? ''}
            onChange={(e) => json({ tlsServerName: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
        <Field htmlFor="tl-skip-verify" noMargin label="Do not verify the server's certificate" description="Anyone between Grafana and the server can then read and change what is said">
          <Switch id="tl-skip-verify"
            value={Boolean(jsonData.tlsSkipVerify)}
            onChange={(e) => json({ tlsSkipVerify: e.currentTarget.checked })}
          />
        </Field>
        <Field htmlFor="tl-ca" noMargin label="CA certificate" description="PEM text: -----BEGIN CERTIFICATE-----, of the authority that signed the server's certificate">
          <SecretTextArea id="tl-ca" cols={60} rows={4} {...secret('tlsCACert')} />
        </Field>
        <Field htmlFor="tl-cert" noMargin label="Client certificate" description="PEM text: -----BEGIN CERTIFICATE-----, where the server asks for one">
          <SecretTextArea id="tl-cert" cols={60} rows={4} {...secret('tlsClientCert')} />
        </Field>
        <Field htmlFor="tl-key" noMargin label="Client key" description="PEM text: -----BEGIN PRIVATE KEY-----, without a passphrase">
          <SecretTextArea id="tl-key" cols={60} rows={4} {...secret('tlsClientKey')} />
        </Field>
      </FieldSet>
    </>
  );
}
