import React from 'react';
import { Field, Input, Switch } from '@grafana/ui';
import { t } from '../language/t';
import { type ConfigProps, type ThroughlineOptions } from './options';
import { SecretField } from './SecretField';
import { Section } from './Section';

export function TlsSettings(props: ConfigProps) {
  const { options, onOptionsChange } = props;
  const { jsonData } = options;
  const json = (part: Partial<ThroughlineOptions>) => onOptionsChange({ ...options, jsonData: { ...jsonData, ...part } });
  return (
    <Section title="TLS">
      <Field
        htmlFor="tl-server-name"
        noMargin
        label={t('config.tls.server-name.label', 'Server name')}
        description={t('config.tls.server-name.description', 'Where it differs from the host in the URL')}
      >
        <Input id="tl-server-name" width={50} value={jsonData.tlsServerName ?? ''} onChange={(e) => json({ tlsServerName: e.currentTarget.value.trim() || undefined })} />
      </Field>
      <Field
        htmlFor="tl-skip-verify"
        noMargin
        label={t('config.tls.skip-verify.label', "Do not verify the server's certificate")}
        description={t('config.tls.skip-verify.description', 'Anyone between Grafana and the server can then read and change what is said')}
      >
        <Switch id="tl-skip-verify" value={Boolean(jsonData.tlsSkipVerify)} onChange={(e) => json({ tlsSkipVerify: e.currentTarget.checked })} />
      </Field>
      <SecretField
        {...props}
        multiline
        name="tlsCACert"
        label={t('config.tls.ca.label', 'CA certificate')}
        description={t('config.tls.ca.description', "PEM text: -----BEGIN CERTIFICATE-----, of the authority that signed the server's certificate")}
      />
      <SecretField
        {...props}
        multiline
        name="tlsClientCert"
        label={t('config.tls.cert.label', 'Client certificate')}
        description={t('config.tls.cert.description', 'PEM text: -----BEGIN CERTIFICATE-----, where the server asks for one')}
      />
      <SecretField
        {...props}
        multiline
        name="tlsClientKey"
        label={t('config.tls.key.label', 'Client key')}
        description={t('config.tls.key.description', 'PEM text: -----BEGIN PRIVATE KEY-----, without a passphrase')}
      />
    </Section>
  );
}
