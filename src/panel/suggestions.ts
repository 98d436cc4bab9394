// Grafana's list of visualisations that suit a query: this one where the data is a trace.
import { VisualizationSuggestionScore, type PanelDataSummary, type VisualizationSuggestion, type VisualizationSuggestionsBuilder } from '@grafana/data';
import { t } from '../language/t';
import { isTraceFrame } from '../trace/frame';
import type { PanelOptions } from './options';

type Suggestion = VisualizationSuggestion<PanelOptions>;

const suggest = ({ rawFrames = [] }: Pick<PanelDataSummary, 'rawFrames'>): Suggestion[] =>
  rawFrames.some((frame) => frame.length > 0 && isTraceFrame(frame)) ? [{ name: t('options.suggestion', 'Trace as a flame graph'), score: VisualizationSuggestionScore.Best }] : [];

/** A function as Grafana asks it today, and the method that versions before 13 call. */
export const suggestions = Object.assign(suggest, {
  getSuggestionsForData: ({ dataSummary, getListAppender }: VisualizationSuggestionsBuilder) =>
    suggest(dataSummary).forEach((one) =>
      getListAppender({ name: 'Throughline trace', pluginId: 'throughline-panel', options: {}, fieldConfig: { defaults: {}, overrides: [] } }).append(one as VisualizationSuggestion)
    ),
});
