import React from 'react';
import { Field, Input, RadioButtonGroup, TextLink } from '@grafana/ui';
import { t } from '../language/t';
import { exampleOf, type Protocol, protocolOf, withProtocol } from './connectionUrl';
import { type ConfigProps, type ThroughlineOptions } from './options';
import { SecretField } from './SecretField';
import { Section } from './Section';
import { SignalSettingsEditor } from './SignalSettings';
import { TlsSettings } from './TlsSettings';

const width = 50;
const docs = 'https://github.com/throughline-io/throughline/blob/main/provisioning/README.md';

export function ConfigEditor(props: ConfigProps) {
  const { options, onOptionsChange } = props;
  const { jsonData } = options;
  const json = (part: Partial<ThroughlineOptions>) => onOptionsChange({ ...options, jsonData: { ...jsonData, ...part } });
  const url = options.url ?? '';
  const protocol = protocolOf(url);
  const native = protocol === 'native' || protocol === 'nativeTls';
  const protocols: Array<{ label: string; value: Protocol; description: string }> = [
    { value: 'http', label: 'HTTP', description: t('config.protocol.http', 'A Throughline server, or ClickHouse at port 8123') },
    { value: 'https', label: 'HTTPS', description: t('config.protocol.https', 'The same with TLS; ClickHouse at port 8443') },
    { value: 'native', label: t('config.protocol.native-label', 'Native'), description: t('config.protocol.native', "ClickHouse's own protocol, port 9000") },
    { value: 'nativeTls', label: t('config.protocol.native-tls-label', 'Native, TLS'), description: t('config.protocol.native-tls', "ClickHouse's own protocol with TLS, port 9440") },
  ];

  return (
    <>
      <p>
        <TextLink href={docs} external inline>
          {t('config.docs', 'How to set up the data source')}
        </TextLink>
        {'. '}
        {t('config.save-and-test', 'Save & test says what is wrong where spans cannot be read, and how to mend it.')}
      </p>
      <Section title={t('config.store.title', 'Where the spans are')}>
        <Field noMargin useFieldset label={t('config.protocol.label', 'Protocol')}>
          <RadioButtonGroup
            aria-label={t('config.protocol.label', 'Protocol')}
            options={protocols}
            value={protocol}
            onChange={(to) => onOptionsChange({ ...options, url: withProtocol(url, to) || exampleOf(to) })}
          />
        </Field>
        <Field
          noMargin
          label={t('config.url.label', 'URL')}
          description={
            native
              ? t('config.url.native', 'Address of ClickHouse: clickhouse://host:9000, or with TLS clickhouse://host:9440?secure=true')
              : t('config.url.http', "A Throughline server's read-only ClickHouse address (http://throughline-server:20418/clickhouse/), or the HTTP interface of any ClickHouse (http://clickhouse:8123, https://clickhouse:8443)")
          }
        >
          <Input
            id="tl-url"
            width={width}
            aria-label={t('config.url.label', 'URL')}
            value={url}
            placeholder={exampleOf(protocol)}
            onChange={(e) => onOptionsChange({ ...options, url: e.currentTarget.value.trim() })}
          />
        </Field>
        {!native && (
          <SecretField {...props} name="token" label={t('config.token.label', 'Token')} description={t('config.token.description', 'Of a Throughline server started with --token')} />
        )}
        <Field htmlFor="tl-database" noMargin label={t('config.database.label', 'Database')}>
          <Input
            id="tl-database"
            width={width}
            value={jsonData.database ?? ''}
            placeholder="throughline"
            onChange={(e) => json({ database: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
      </Section>
      <Section title={t('config.clickhouse.title', 'ClickHouse, asked directly')}>
        <Field htmlFor="tl-user" noMargin label={t('config.user.label', 'User')}>
          <Input
            id="tl-user"
            width={width}
            value={jsonData.username ?? ''}
            placeholder="default"
            onChange={(e) => json({ username: e.currentTarget.value.trim() || undefined })}
          />
        </Field>
        <SecretField {...props} name="password" label={t('config.password.label', 'Password')} />
        <Field
          htmlFor="tl-cluster"
          noMargin
          label={t('config.cluster.label', 'Cluster')}
          description={t('config.cluster.description', 'Name of the cluster, where the tables are distributed')}
        >
          <Input id="tl-cluster" width={width} value={jsonData.cluster ?? ''} onChange={(e) => json({ cluster: e.currentTarget.value.trim() || undefined })} />
        </Field>
        <Field htmlFor="tl-timeout" noMargin label={t('config.timeout.label', 'Timeout in seconds')}>
          <Input
            id="tl-timeout"
            width={width}
            type="number"
            min={1}
            value={jsonData.timeoutSeconds ?? ''}
            placeholder="30"
            onChange={(e) => json({ timeoutSeconds: e.currentTarget.valueAsNumber || undefined })}
          />
        </Field>
      </Section>
      <TlsSettings {...props} />
      <SignalSettingsEditor settings={jsonData} onChange={json} />
    </>
  );
}
