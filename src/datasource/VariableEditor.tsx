import React from 'react';
import { type QueryEditorProps } from '@grafana/data';
import { Combobox, InlineField } from '@grafana/ui';
import { type ThroughlineDataSource } from './datasource';
import { type ThroughlineOptions, type ThroughlineQuery, valueNames } from './query';
import { ValueField } from './ValueField';

type Props = QueryEditorProps<ThroughlineDataSource, ThroughlineQuery, ThroughlineOptions>;

/** What a dashboard's variable lists. */
export function VariableEditor({ datasource, query, onChange, range }: Props) {
  const change = (part: Partial<ThroughlineQuery>) =>
    onChange({ ...query, refId: 'variable', queryType: 'variables', ...part });
  const suggest = (key: string, text: string) => datasource.suggest(key, text, query, range);
  const names = async (text: string) => {
    const own = valueNames.filter((n) => n.includes(text));
    const others = (await datasource.suggestKeys(text, range)).filter((k) => !own.some((n) => n === k));
    return [...own, ...others].map((value) => ({ label: value, value }));
  };
  const narrow = (key: 'namespace' | 'workload' | 'service' | 'protocol', label: string) => (
    <ValueField
      label={label}
      width={32}
      placeholder={`any, or $${key}`}
      field={key}
      value={query[key]}
      suggest={suggest}
      onChange={(value) => change({ [key]: value })}
    />
  );
  return (
    <>
      <InlineField
        label="Values of"
        labelWidth={14}
        tooltip="What the variable lists: one of these, or the key of an attribute"
      >
        <Combobox<string>
          aria-label="Values of"
          width={32}
          options={names}
          createCustomValue
          value={query.name ? { value: query.name, label: query.name } : null}
          onChange={(option) => change({ name: option.value.trim() })}
        />
      </InlineField>
      {narrow('namespace', 'In namespace')}
      {narrow('workload', 'Of workload')}
      {narrow('service', 'Of service')}
      {narrow('protocol', 'By protocol')}
    </>
  );
}
