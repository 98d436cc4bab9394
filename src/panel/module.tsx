import { PanelPlugin } from '@grafana/data';
import { loadTranslations, texts, translated } from '../language/translated';
import { buildOptions, type PanelOptions } from './options';
import { id } from './plugin.json';
import { suggestions } from './suggestions';
import { TracePanel } from './TracePanel';

void loadTranslations(id, texts({ 'de-DE': () => import('./locales/de-DE/throughline-panel.json') }));

export const plugin = new PanelPlugin<PanelOptions>(translated(async () => TracePanel)).setNoPadding().setPanelOptions(buildOptions).setSuggestionsSupplier(suggestions);
