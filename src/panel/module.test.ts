// What Grafana reads of the panel before it draws one.
import { createDataFrame, FieldType, getPanelDataSummary, PanelOptionsEditorBuilder, standardEditorsRegistry } from '@grafana/data';
import { expect, it } from 'vitest';
import { buildOptions, choicesOf, type PanelOptions } from './options';
import { suggestions } from './suggestions';
import { DEFAULT_CHOICES } from './state/choices';

const trace = createDataFrame({ fields: [{ name: 'id', type: FieldType.string, values: ['a'] }], meta: { custom: { throughline: 'trace' } } });
const table = createDataFrame({ fields: [{ name: 'value', type: FieldType.number, values: [1] }] });

it('is suggested for a trace, and for nothing else', () => {
  expect(suggestions(getPanelDataSummary([table, trace]))).toHaveLength(1);
  expect(suggestions(getPanelDataSummary([table]))).toEqual([]);
  expect(suggestions(getPanelDataSummary([]))).toEqual([]);
});

it('offers how a trace is shown at first, with today’s way as the default', () => {
  standardEditorsRegistry.setInit(() => ['select', 'radio', 'text', 'boolean'].map((id) => ({ id, name: id, editor: () => null })));
  const builder = new PanelOptionsEditorBuilder<PanelOptions>();
  buildOptions(builder);
  const defaults = Object.fromEntries(builder.getItems().map(({ path, defaultValue }) => [path, defaultValue]));
  expect(choicesOf(defaults)).toEqual(DEFAULT_CHOICES);
  expect(choicesOf({})).toEqual(DEFAULT_CHOICES);
});
