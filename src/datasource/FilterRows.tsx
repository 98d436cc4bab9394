import React from 'react';
import { type AdHocVariableFilter } from '@grafana/data';
import { Button, Combobox, InlineField, InlineFieldRow } from '@grafana/ui';
import { t } from '../language/t';
import { OPERATORS } from '../trace/terms';
import { choices, type Offer, type Suggest } from './offer';

interface Props {
  filters: AdHocVariableFilter[];
  keys: (text: string) => Promise<Offer>;
  suggest: Suggest;
  onChange: (filters: AdHocVariableFilter[]) => void;
}

const operatorOptions = () => {
  const words = {
    '=': t('filter.is', 'is'),
    '!=': t('filter.is-not', 'is not'),
    '=~': t('filter.matches', 'matches, with * or a regular expression'),
    '!~': t('filter.matches-not', 'does not match'),
    '>=': t('filter.at-least', 'is a number of at least'),
    '>': t('filter.more', 'is more than'),
    '<=': t('filter.at-most', 'is a number of at most'),
    '<': t('filter.less', 'is less than'),
  };
  return OPERATORS.map((value) => ({ value, label: value, description: words[value] }));
};

const list = async (offer: Promise<Offer>) => choices(await offer);

/** Conditions on attributes, and those that the fields above cannot say. */
export function FilterRows({ filters, keys, suggest, onChange }: Props) {
  const set = (i: number, part: Partial<AdHocVariableFilter>) =>
    onChange(filters.map((f, n) => (n === i ? { ...f, ...part } : f)));
  return (
    <>
      {filters.map((f, i) => (
        <InlineFieldRow key={i} role="group" aria-label={t('filter.condition', 'Condition {{number}}', { number: i + 1 })}>
          <InlineField
            label={i === 0 ? t('filter.attributes', 'Attributes') : ''}
            labelWidth={14}
            tooltip={i === 0 ? t('filter.attributes-help', 'Any attribute of a span, its resource or its events; duration, code, name, kind, event, status_message') : undefined}
          >
            <Combobox<string>
              aria-label={t('filter.key', 'Key of condition {{number}}', { number: i + 1 })}
              width={32}
              placeholder="http.route"
              options={(text) => list(keys(text))}
              value={f.key ? { value: f.key, label: f.key } : null}
              createCustomValue
              onChange={(o) => set(i, { key: o.value.trim() })}
            />
          </InlineField>
          <Combobox
            aria-label={t('filter.operator', 'Operator of condition {{number}}', { number: i + 1 })}
            width={10}
            options={operatorOptions()}
            value={f.operator}
            onChange={(o) => set(i, { operator: o.value })}
          />
          <Combobox<string>
            aria-label={t('filter.value', 'Value of condition {{number}}', { number: i + 1 })}
            width={32}
            placeholder={t('filter.placeholder', 'value')}
            options={(text) => (f.key ? list(suggest(f.key, text)) : Promise.resolve([]))}
            value={f.value ? { value: f.value, label: f.value } : null}
            createCustomValue
            onChange={(o) => set(i, { value: o.value })}
          />
          <Button
            variant="secondary"
            icon="times"
            aria-label={t('filter.remove', 'Remove condition {{number}}', { number: i + 1 })}
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
          {t('filter.add', 'Condition on an attribute')}
        </Button>
      </InlineFieldRow>
    </>
  );
}
