import React, { useId } from 'react';
import { Combobox, InlineField, type ComboboxOption } from '@grafana/ui';
import { t } from '../language/t';
import { choices, type Suggest } from './offer';

interface Props {
  label: string;
  tooltip?: string;
  placeholder?: string;
  width?: number;
  value?: string;
  field: string; // what is suggested, as the backend names it
  suggest: Suggest;
  onChange: (value: string | undefined) => void;
}

/** Offers what is there, and takes anything else: variables, wildcards. */
export function ValueField({ label, tooltip, placeholder, width = 24, value, field, suggest, onChange }: Props) {
  const id = useId();
  const options = async (text: string): Promise<Array<ComboboxOption<string>>> =>
    choices(await suggest(field, text));
  return (
    <InlineField label={label} labelWidth={14} tooltip={tooltip} htmlFor={id}>
      <Combobox<string>
        id={id}
        aria-label={label}
        width={width}
        placeholder={placeholder ?? t('search.any', 'any')}
        options={options}
        value={value ? { value, label: value } : null}
        createCustomValue
        isClearable
        onChange={(option) => onChange(option?.value.trim() || undefined)}
      />
    </InlineField>
  );
}
