import { PanelPlugin } from '@grafana/data';
import { buildOptions, type PanelOptions } from './options';
import { suggestions } from './suggestions';
import { TracePanel } from './TracePanel';

export const plugin = new PanelPlugin<PanelOptions>(TracePanel).setNoPadding().setPanelOptions(buildOptions).setSuggestionsSupplier(suggestions);
