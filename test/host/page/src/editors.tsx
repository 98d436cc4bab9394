// Editors of panel options. Grafana's live in its core; these cover what panels usually ask for.
import {
  displayNameOverrideProcessor,
  FieldConfigProperty,
  type FieldConfigPropertyItem,
  identityOverrideProcessor,
  type StandardEditorsRegistryItem,
} from '@grafana/data';
import { ColorPicker, Input, RadioButtonGroup, Select, Slider, Switch, MultiSelect } from '@grafana/ui';
import * as React from 'react';

type Props = { value: any; onChange: (v: any) => void; item: { settings?: any } };

const byId: Record<string, React.ComponentType<Props>> = {
  text: ({ value, onChange }) => <Input defaultValue={value ?? ''} onBlur={(e) => onChange(e.currentTarget.value)} />,
  number: ({ value, onChange, item }) => (
    <Input
      type="number"
      defaultValue={value}
      min={item.settings?.min}
      max={item.settings?.max}
      onBlur={(e) => onChange(e.currentTarget.valueAsNumber)}
    />
  ),
  slider: ({ value, onChange, item }) => (
    <Slider
      value={value}
      min={item.settings?.min ?? 0}
      max={item.settings?.max ?? 100}
      step={item.settings?.step}
      included={false}
      onChange={onChange}
    />
  ),
  boolean: ({ value, onChange }) => (
    <Switch value={Boolean(value)} onChange={(e) => onChange(e.currentTarget.checked)} />
  ),
  select: ({ value, onChange, item }) => (
    <Select options={item.settings?.options ?? []} value={value} onChange={(o) => onChange(o?.value)} />
  ),
  'multi-select': ({ value, onChange, item }) => (
    <MultiSelect
      options={item.settings?.options ?? []}
      value={value}
      onChange={(o) => onChange(o.map((x) => x.value))}
    />
  ),
  radio: ({ value, onChange, item }) => (
    <RadioButtonGroup options={item.settings?.options ?? []} value={value} onChange={onChange} />
  ),
  color: ({ value, onChange }) => <ColorPicker color={value ?? 'grey'} onChange={onChange} />,
};
// Known, so that a panel's defaults can be read, but not editable here.
const others = [
  'fieldColor',
  'unit',
  'links',
  'actions',
  'mappings',
  'thresholds',
  'strings',
  'timezone',
  'field-name',
  'dashboard-uid',
  'stats-picker',
  'fieldName',
];

export const editors = (): StandardEditorsRegistryItem[] => [
  ...Object.entries(byId).map(([id, editor]) => ({ id, name: id, description: '', editor: editor as any })),
  ...others.map((id) => ({ id, name: id, description: '', editor: () => <em>not editable in this host</em> })),
];

// The standard field options. Without them VizPanel drops them from fieldConfig, links among them.
export const fieldConfigEditors = (): FieldConfigPropertyItem[] =>
  Object.values(FieldConfigProperty).map(
    (id) =>
      ({
        id,
        path: id,
        name: id,
        description: '',
        editor: () => null,
        override: () => null,
        process: id === FieldConfigProperty.DisplayName ? displayNameOverrideProcessor : identityOverrideProcessor,
        shouldApply: () => true,
        settings: id === FieldConfigProperty.DisplayName ? { expandTemplateVars: true } : {},
        category: ['Standard options'],
      }) as unknown as FieldConfigPropertyItem
  );
