// Stands in for Grafana's core panel "table", which no package ships: the same table component
// (TableNG of @grafana/ui), and the part of the panel's options that we use.
import {
  cacheFieldDisplayNames,
  type DataFrame,
  FieldConfigProperty,
  PanelPlugin,
  type PanelProps,
  getFrameDisplayName,
} from '@grafana/data';
import { PanelDataErrorView } from '@grafana/runtime';
import { type TableFieldOptions, type TableOptions, TableCellDisplayMode } from '@grafana/schema';
import { Select, usePanelContext } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import * as React from 'react';
import { notEdited } from './notEdited';

type Options = TableOptions;

function TablePanel({
  data,
  width,
  height,
  options,
  fieldConfig,
  id,
  timeRange,
  onOptionsChange,
  onFieldConfigChange,
  transparent,
}: PanelProps<Options>) {
  const { onAddAdHocFilter } = usePanelContext();
  const frames: DataFrame[] = data.series;
  // The table finds columns by the names that this keeps, as in core's panel.
  React.useMemo(() => cacheFieldDisplayNames(frames), [frames]);
  const index = Math.min(options.frameIndex ?? 0, frames.length - 1);
  if (!frames.some((f) => f.fields.length > 0)) {
    return <PanelDataErrorView panelId={id} fieldConfig={fieldConfig} data={data} />;
  }
  const bar = frames.length > 1 ? 40 : 0;
  return (
    <>
      <TableNG
        data={frames[index]}
        width={width}
        height={height - bar}
        noHeader={!options.showHeader}
        cellHeight={options.cellHeight}
        resizable
        sortBy={options.sortBy}
        onSortByChange={(sortBy) => onOptionsChange({ ...options, sortBy })}
        enablePagination={Boolean((options as any).enablePagination)}
        fieldConfig={fieldConfig}
        timeRange={timeRange}
        structureRev={data.structureRev}
        transparent={transparent}
        onCellFilterAdded={onAddAdHocFilter}
        showTypeIcons={options.showTypeIcons}
        frozenColumns={options.frozenColumns?.left}
        onColumnResize={(name, w) =>
          onFieldConfigChange({
            ...fieldConfig,
            overrides: [
              ...fieldConfig.overrides,
              { matcher: { id: 'byName', options: name }, properties: [{ id: 'custom.width', value: w }] },
            ],
          })
        }
      />
      {bar > 0 && (
        <Select
          options={frames.map((f, i) => ({ label: getFrameDisplayName(f), value: i }))}
          value={index}
          onChange={(o) => onOptionsChange({ ...options, frameIndex: o.value! })}
        />
      )}
    </>
  );
}

export const tablePanel = new PanelPlugin<Options, TableFieldOptions>(TablePanel)
  .setPanelOptions((b) => b.addBooleanSwitch({ path: 'showHeader', name: 'Show table header', defaultValue: true }))
  .useFieldConfig({
    disableStandardOptions: [],
    standardOptions: { [FieldConfigProperty.Links]: {} },
    useCustomConfig: (b) => {
      b.addCustomEditor({
        ...notEdited,
        id: 'cellOptions',
        path: 'cellOptions',
        name: 'Cell type',
        defaultValue: { type: TableCellDisplayMode.Auto },
      } as any);
      b.addNumberInput({ path: 'width', name: 'Column width' });
      b.addNumberInput({ path: 'minWidth', name: 'Minimum column width' });
      b.addBooleanSwitch({ path: 'filterable', name: 'Column filter' });
      b.addBooleanSwitch({ path: 'inspect', name: 'Cell value inspect' });
      b.addBooleanSwitch({ path: 'hidden', name: 'Hide in table' });
      b.addCustomEditor({ ...notEdited, id: 'hideFrom', path: 'hideFrom', name: 'Hide in area' } as any);
      b.addRadio({
        path: 'align',
        name: 'Column alignment',
        settings: { options: ['auto', 'left', 'center', 'right'].map((value) => ({ value, label: value })) },
        defaultValue: 'auto',
      });
    },
  });
