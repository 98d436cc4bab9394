// What Grafana reads of the panel before it draws one.
import {
  createDataFrame,
  type DataFrame,
  FieldType,
  getPanelDataSummary,
  PanelOptionsEditorBuilder,
  standardEditorsRegistry,
  VisualizationSuggestionScore,
  type VisualizationSuggestion,
  type VisualizationSuggestionsBuilder,
} from '@grafana/data';
import { expect, it } from 'vitest';
import { buildOptions, choicesOf, type PanelOptions } from './options';
import { plugin } from './module';
import { suggestions } from './suggestions';
import { DEFAULT_CHOICES } from './state/choices';

const trace = createDataFrame({ fields: [{ name: 'id', type: FieldType.string, values: ['a'] }], meta: { custom: { throughline: 'trace' } } });
const table = createDataFrame({ fields: [{ name: 'value', type: FieldType.number, values: [1] }] });

it('is suggested for a trace, and for nothing else', () => {
  const offered = (frames: DataFrame[]) => plugin.getSuggestions(getPanelDataSummary(frames))?.map(({ name, pluginId, score }) => ({ name, pluginId, score }));
  plugin.meta = { id: 'throughline-panel', name: 'Throughline trace' } as typeof plugin.meta;
  expect(offered([table, trace])).toEqual([{ name: 'Trace as a flame graph', pluginId: 'throughline-panel', score: VisualizationSuggestionScore.Best }]);
  expect(offered([table])).toEqual([]);
  expect(suggestions(getPanelDataSummary([table, trace]))).toHaveLength(1);
  expect(suggestions(getPanelDataSummary([table]))).toEqual([]);
  expect(suggestions(getPanelDataSummary([]))).toEqual([]);
});

it('is suggested by versions before 12.4, too, which ask an object', () => {
  const list: VisualizationSuggestion[] = [];
  const builder = { dataSummary: getPanelDataSummary([trace]), getListAppender: (of: VisualizationSuggestion) => ({ append: (one: VisualizationSuggestion) => list.push({ ...of, ...one }) }) };
  suggestions.getSuggestionsForData(builder as unknown as VisualizationSuggestionsBuilder);
  expect(list).toEqual([expect.objectContaining({ name: 'Trace as a flame graph', pluginId: 'throughline-panel' })]);
});

it('offers how a trace is shown at first, with today’s way as the default', () => {
  standardEditorsRegistry.setInit(() => ['select', 'radio', 'text', 'boolean'].map((id) => ({ id, name: id, editor: () => null })));
  const builder = new PanelOptionsEditorBuilder<PanelOptions>();
  buildOptions(builder);
  const defaults = Object.fromEntries(builder.getItems().map(({ path, defaultValue }) => [path, defaultValue]));
  expect(choicesOf(defaults)).toEqual(DEFAULT_CHOICES);
  expect(choicesOf({})).toEqual(DEFAULT_CHOICES);
});
