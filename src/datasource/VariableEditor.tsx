import React from 'react';
import { type QueryEditorProps } from '@grafana/data';
import { Combobox, InlineField, Input } from '@grafana/ui';
import { type ThroughlineDataSource } from './datasource';
import { type ThroughlineOptions, type ThroughlineQuery, valueNames } from './query';

type Props = QueryEditorProps<ThroughlineDataSource, ThroughlineQuery, ThroughlineOptions>;

const names = valueNames.map((value) => ({ label: value, value }));

export function VariableEditor({ query, onChange }: Props) {
  const change = (part: Partial<ThroughlineQuery>) =>
    onChange({ ...query, refId: 'variable', queryType: 'variables', ...part });
  return (
    <>
      <InlineField
        label="Values of"
        labelWidth={14}
        tooltip="What the variable lists: one of these, or the key of an attribute"
      >
        <Combobox
          width={32}
          options={names}
          createCustomValue
          value={query.name ?? null}
          onChange={(option) => change({ name: option.value })}
        />
      </InlineField>
      <InlineField label="In namespace" labelWidth={14}>
        <Input
          width={32}
          placeholder="$namespace"
          defaultValue={query.namespace}
          onBlur={(e) => change({ namespace: e.currentTarget.value })}
        />
      </InlineField>
      <InlineField label="Of workload" labelWidth={14}>
        <Input
          width={32}
          placeholder="$workload"
          defaultValue={query.workload}
          onBlur={(e) => change({ workload: e.currentTarget.value })}
        />
      </InlineField>
    </>
  );
}
