import React from 'react';
import { Field, SecretInput, SecretTextArea } from '@grafana/ui';
import { t } from '../language/t';
import { type ConfigProps, type ThroughlineSecrets } from './options';

interface Props extends ConfigProps {
  name: keyof ThroughlineSecrets;
  label: string;
  description?: string;
  multiline?: boolean;
}

/** A secret: its value never comes back from Grafana, only whether it is set. */
export function SecretField({ options, onOptionsChange, name, label, description, multiline }: Props) {
  const { secureJsonData, secureJsonFields } = options;
  const props = {
    id: `tl-${name}`,
    isConfigured: Boolean(secureJsonFields?.[name]),
    value: secureJsonData?.[name] ?? '',
    onChange: (e: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      onOptionsChange({ ...options, secureJsonData: { ...secureJsonData, [name]: e.currentTarget.value } }),
    onReset: () =>
      onOptionsChange({
        ...options,
        secureJsonFields: { ...secureJsonFields, [name]: false },
        secureJsonData: { ...secureJsonData, [name]: '' },
      }),
  };
  const placeholder = props.isConfigured ? t('config.secret.configured', 'configured') : undefined;
  return (
    <Field noMargin htmlFor={props.id} label={label} description={description}>
      {multiline ? <SecretTextArea cols={60} rows={4} {...props} placeholder={placeholder} /> : <SecretInput width={50} {...props} placeholder={placeholder} />}
    </Field>
  );
}
