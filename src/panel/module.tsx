import { PanelPlugin } from '@grafana/data';
import { TracePanel, type PanelOptions } from './TracePanel';

export const plugin = new PanelPlugin<PanelOptions>(TracePanel).setNoPadding();
