import React from 'react';
import { type QueryEditorProps } from '@grafana/data';
import { Combobox, InlineField, TextLink } from '@grafana/ui';
import { t } from '../language/t';
import { choices, type Offering } from './offer';
import { type ThroughlineOptions } from './options';
import { type ThroughlineQuery, valueNames } from './query';
import { ValueField } from './ValueField';

type Props = QueryEditorProps<Offering, ThroughlineQuery, ThroughlineOptions>;

const docs = 'https://github.com/throughline-io/throughline/blob/main/pkg/plugin/README.md#variables';

/** What a dashboard's variable lists. */
export function VariableEditor({ datasource, query, onChange, range }: Props) {
  const change = (part: Partial<ThroughlineQuery>) =>
    onChange({ ...query, refId: 'variable', queryType: 'variables', ...part });
  const suggest = (key: string, text: string) => datasource.suggest(key, text, query, range);
  const names = async (text: string) => {
    const own = valueNames.filter((n) => n.includes(text));
    const { values, leftOut } = await datasource.suggestKeys(text, range);
    return choices({ values: [...own, ...values.filter((k) => !own.some((n) => n === k))], leftOut });
  };
  const narrow = (key: 'namespace' | 'workload' | 'service' | 'protocol', label: string) => (
    <ValueField
      label={label}
      width={32}
      placeholder={t('variable.any', 'any, or {{variable}}', { variable: `$${key}` })}
      field={key}
      value={query[key]}
      suggest={suggest}
      onChange={(value) => change({ [key]: value })}
    />
  );
  return (
    <>
      <InlineField
        label={t('variable.values', 'Values of')}
        labelWidth={14}
        tooltip={t('variable.values-help', 'What the variable lists: one of these, or the key of an attribute')}
      >
        <Combobox<string>
          aria-label={t('variable.values', 'Values of')}
          width={32}
          options={names}
          createCustomValue
          value={query.name ? { value: query.name, label: query.name } : null}
          onChange={(option) => change({ name: option.value.trim() })}
        />
      </InlineField>
      {narrow('namespace', t('variable.namespace', 'In namespace'))}
      {narrow('workload', t('variable.workload', 'Of workload'))}
      {narrow('service', t('variable.service', 'Of service'))}
      {narrow('protocol', t('variable.protocol', 'By protocol'))}
      <TextLink href={docs} external inline={false} variant="bodySmall">
        {t('variable.docs', 'What variables can list')}
      </TextLink>
    </>
  );
}
