// Stands in for Grafana's core panel "timeseries": the same graph (TimeSeries of @grafana/ui, on
// uPlot) and the same tooltip, with data links, and the part of the panel's options that we use.
// Without the core panel's EventBusPlugin: the TimeSeries that plugins get (13.2) listens for other
// panels by itself, and takes what the EventBusPlugin of another graph publishes for a foreign event.
// With both, graphs that share a pointer take it from each other ten times a second for ever.
import { FieldColorModeId, FieldConfigProperty, FieldType, PanelPlugin, type PanelProps } from '@grafana/data';
import { PanelDataErrorView } from '@grafana/runtime';
import {
  DashboardCursorSync,
  type GraphFieldConfig,
  type OptionsWithLegend,
  type OptionsWithTooltip,
  GraphDrawStyle,
  LineInterpolation,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
} from '@grafana/schema';
import {
  getFieldDisplayItems,
  getFieldDisplayLinks,
  TimeSeries,
  TooltipPlugin2,
  usePanelContext,
  VizTooltipContent,
  VizTooltipFooter,
  VizTooltipHeader,
  VizTooltipWrapper,
} from '@grafana/ui';
import * as React from 'react';
import { notEdited } from './notEdited';

type Options = OptionsWithLegend & Partial<OptionsWithTooltip>;

// TooltipHoverMode.xAll: the package exports neither the enumeration nor its type.
const allSeries = 1 as React.ComponentProps<typeof TooltipPlugin2>['hoverMode'];

function TimeSeriesPanel({ id, data, width, height, options, fieldConfig, timeRange, timeZone, onChangeTimeRange }: PanelProps<Options>) { // prettier-ignore
  const { eventsScope, sync } = usePanelContext();
  const syncMode = sync?.() ?? DashboardCursorSync.Off;
  const frames = React.useMemo(
    () =>
      data.series.filter(
        (f) =>
          f.length > 0 &&
          f.fields.some((x) => x.type === FieldType.time) &&
          f.fields.some((x) => x.type === FieldType.number)
      ),
    [data.series]
  );
  if (frames.length === 0) {
    return <PanelDataErrorView panelId={id} fieldConfig={fieldConfig} data={data} needsTimeField needsNumberField />;
  }
  return (
    <TimeSeries
      frames={frames}
      structureRev={data.structureRev}
      timeRange={timeRange}
      timeZone={timeZone}
      width={width}
      height={height}
      legend={options.legend}
      options={options}
    >
      {(config, aligned) => (
        <TooltipPlugin2
          config={config}
          hoverMode={allSeries}
          syncMode={syncMode}
          syncScope={eventsScope}
          queryZoom={onChangeTimeRange}
          getDataLinks={(series, row) => getFieldDisplayLinks(aligned.fields[series], row)}
          render={(_, rows, series, pinned, __, ___, ____, links) => {
            const [time] = aligned.fields;
            const when = time.display?.(time.values[rows[0]!]);
            const { mode = TooltipDisplayMode.Multi, sort = SortOrder.None } = options.tooltip ?? {};
            return (
              <VizTooltipWrapper>
                <div data-testid="tooltip">
                <VizTooltipHeader item={{ label: '', value: when?.text ?? '' }} isPinned={pinned} />
                <VizTooltipContent
                  items={getFieldDisplayItems(aligned.fields, time, rows, series, mode, sort)}
                  isPinned={pinned}
                />
                {pinned && <VizTooltipFooter dataLinks={links} />}
                </div>
              </VizTooltipWrapper>
            );
          }}
        />
      )}
    </TimeSeries>
  );
}

const defaults: Partial<GraphFieldConfig> = {
  drawStyle: GraphDrawStyle.Line,
  lineInterpolation: LineInterpolation.Linear,
  lineWidth: 1,
  fillOpacity: 0,
  pointSize: 5,
  showPoints: VisibilityMode.Auto,
  spanNulls: false,
};

export const timeSeriesPanel = new PanelPlugin<Options, GraphFieldConfig>(TimeSeriesPanel)
  .setPanelOptions((b) =>
    b
      .addCustomEditor({ ...notEdited, id: 'legend', path: 'legend', name: 'Legend', defaultValue: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] } as any }) // prettier-ignore
      .addCustomEditor({ ...notEdited, id: 'tooltip', path: 'tooltip', name: 'Tooltip' } as any)
  )
  .useFieldConfig({
    disableStandardOptions: [],
    standardOptions: {
      [FieldConfigProperty.Links]: {},
      [FieldConfigProperty.Color]: { defaultValue: { mode: FieldColorModeId.PaletteClassic } },
    },
    useCustomConfig: (b) => {
      for (const [path, defaultValue] of Object.entries(defaults)) {
        b.addCustomEditor({ ...notEdited, id: path, path, name: path, defaultValue } as any);
      }
    },
  });
