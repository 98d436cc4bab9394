import React from 'react';
import { type AdHocVariableFilter } from '@grafana/data';
import { Button, Combobox, InlineField, InlineFieldRow } from '@grafana/ui';
import { operators } from './searchText';
import { type Suggest } from './ValueField';

interface Props {
  filters: AdHocVariableFilter[];
  keys: (text: string) => Promise<string[]>;
  suggest: Suggest;
  onChange: (filters: AdHocVariableFilter[]) => void;
}

const operatorOptions = operators.map((value) => ({
  value,
  label: value,
  description: { '=': 'is', '!=': 'is not', '=~': 'matches, with *', '!~': 'does not match' }[value],
}));

const list = async (values: Promise<string[]>) => (await values).map((v) => ({ value: v, label: v }));

/** Conditions on attributes, and those that the fields above cannot say. */
export function FilterRows({ filters, keys, suggest, onChange }: Props) {
  const set = (i: number, part: Partial<AdHocVariableFilter>) =>
    onChange(filters.map((f, n) => (n === i ? { ...f, ...part } : f)));
  return (
    <>
      {filters.map((f, i) => (
        <InlineFieldRow key={i} role="group" aria-label={`Condition ${i + 1}`}>
          <InlineField
            label={i === 0 ? 'Attributes' : ''}
            labelWidth={14}
            tooltip={i === 0 ? 'Any attribute of a span or its resource' : undefined}
          >
            <Combobox<string>
              aria-label={`Key of condition ${i + 1}`}
              width={32}
              placeholder="http.route"
              options={(text) => list(keys(text))}
              value={f.key ? { value: f.key, label: f.key } : null}
              createCustomValue
              onChange={(o) => set(i, { key: o.value.trim() })}
            />
          </InlineField>
          <Combobox
            aria-label={`Operator of condition ${i + 1}`}
            width={10}
            options={operatorOptions}
            value={f.operator}
            onChange={(o) => set(i, { operator: o.value })}
          />
          <Combobox<string>
            aria-label={`Value of condition ${i + 1}`}
            width={32}
            placeholder="value"
            options={(text) => (f.key ? list(suggest(f.key, text)) : Promise.resolve([]))}
            value={f.value ? { value: f.value, label: f.value } : null}
            createCustomValue
            onChange={(o) => set(i, { value: o.value })}
          />
          <Button
            variant="secondary"
            icon="times"
            aria-label={`Remove condition ${i + 1}`}
            onClick={() => onChange(filters.filter((_, n) => n !== i))}
          />
        </InlineFieldRow>
      ))}
      <InlineFieldRow>
        <Button
          variant="secondary"
          size="sm"
          icon="plus"
          onClick={() => onChange([...filters, { key: '', operator: '=', value: '' }])}
        >
          Condition on an attribute
        </Button>
      </InlineFieldRow>
    </>
  );
}
