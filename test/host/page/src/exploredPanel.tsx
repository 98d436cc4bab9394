// A panel that Explore draws, because a frame prefers it: it is told the frames alone, neither the
// query nor the request.
import { EventBusSrv, LoadingState, type PanelData, type PanelPlugin } from '@grafana/data';
import { config, getTemplateSrv } from '@grafana/runtime';
import * as React from 'react';
import { importPlugin } from './shared';
import { useLoaded } from './useLoaded';

const WIDTH = 1200;
const HEIGHT = 600;

/** The first of the frames that prefers a plugin's panel, in that panel; nothing where none does. */
export function ExploredPanel({ data }: { data: PanelData }) {
  const preferred = (f: PanelData['series'][number]) => f.meta?.preferredVisualisationPluginId ?? '';
  const id = data.series.map(preferred).find((name) => config.panels[name]?.module);
  const plugin = useLoaded(async () => (id ? importPlugin<PanelPlugin>(config.panels[id]) : undefined), id);
  const [bus] = React.useState(() => new EventBusSrv());
  const Panel = plugin?.panel;
  if (!Panel || !id) {
    return null;
  }
  const series = data.series.filter((f) => preferred(f) === id);
  return (
    <div data-testid="explored">
      <Panel
        id={1}
        title={id}
        data={{ state: LoadingState.Done, series, timeRange: data.timeRange }}
        timeRange={data.timeRange}
        timeZone="browser"
        options={plugin.defaults}
        fieldConfig={{ defaults: {}, overrides: [] }}
        transparent={false}
        width={WIDTH}
        height={HEIGHT}
        renderCounter={0}
        replaceVariables={(text: string) => getTemplateSrv().replace(text)}
        eventBus={bus}
        onOptionsChange={() => {}}
        onFieldConfigChange={() => {}}
        onChangeTimeRange={() => {}}
      />
    </div>
  );
}
