// A dashboard's JSON as a scene. Grafana has its own, private, converter; this one knows the
// parts that our dashboard uses and refuses the others, so that none is lost in silence.
import React from 'react';
import { type DataTransformerConfig, type FieldConfigSource, locationUtil, type TypedVariableModel } from '@grafana/data';
import {
  AdHocFiltersVariable,
  behaviors,
  CustomVariable,
  DataSourceVariable,
  EmbeddedScene,
  QueryVariable,
  SceneDataTransformer,
  sceneGraph,
  SceneGridItem,
  SceneGridLayout,
  SceneObjectBase,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  SceneVariableSet,
  TextBoxVariable,
  VariableValueSelectors,
  VizPanel,
  type SceneComponentProps,
  type SceneObjectState,
  type SceneVariable,
} from '@grafana/scenes';
import { type DataQuery, type DataSourceRef } from '@grafana/schema';
import { LinkButton } from '@grafana/ui';
import { PanelQueries } from './PanelQueries';

interface PanelJSON {
  id: number;
  type: string;
  title: string;
  description?: string;
  transparent?: boolean;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: DataSourceRef;
  targets?: DataQuery[];
  maxDataPoints?: number;
  transformations?: DataTransformerConfig[];
  options?: object;
  fieldConfig?: FieldConfigSource;
}

export interface DashboardJSON {
  uid: string;
  title: string;
  time: { from: string; to: string };
  timezone?: string;
  refresh?: string;
  graphTooltip?: number;
  timepicker?: { refresh_intervals?: string[] };
  templating: { list: unknown[] };
  links?: LinkJSON[];
  panels: PanelJSON[];
}

interface LinkJSON {
  type: string; // "link"
  title: string;
  tooltip?: string;
  url: string;
  keepTime?: boolean;
  includeVars?: boolean;
}

export function variable(v: TypedVariableModel): SceneVariable {
  const { name, description, skipUrlSync, hide } = v;
  const common = { name, label: v.label ?? undefined, description, skipUrlSync, hide };
  switch (v.type) {
    case 'textbox':
      return new TextBoxVariable({ ...common, value: String(v.current?.value || v.query) });
    case 'datasource':
    case 'query':
    case 'custom': {
      const { regex = '' } = v as { regex?: string };
      const choice = {
        ...common,
        regex,
        isMulti: v.multi,
        includeAll: v.includeAll,
        defaultToAll: v.includeAll,
        allValue: v.allValue || undefined,
        value: v.current?.value ?? '',
        text: v.current?.text ?? '',
      };
      if (v.type === 'datasource') {
        return new DataSourceVariable({ ...choice, pluginId: v.query });
      }
      return v.type === 'custom'
        ? new CustomVariable({ ...choice, query: v.query })
        : new QueryVariable({
            ...choice,
            query: v.query,
            datasource: v.datasource,
            sort: v.sort,
            refresh: v.refresh,
            definition: v.definition,
          });
    }
    case 'adhoc':
      return new AdHocFiltersVariable({
        ...common,
        datasource: v.datasource ?? null,
        filters: v.filters ?? [],
        layout: 'combobox',
        applyMode: 'auto', // to every query of its data source
      });
    default:
      throw new Error(`dashboard variable ${name}: type ${v.type} is not supported on this page`);
  }
}

/** A panel of a dashboard's JSON, with its queries. */
export function vizPanel(p: PanelJSON): VizPanel {
  if (p.type === 'row') {
    throw new Error(`panel "${p.title}": rows are not supported on this page`);
  }
  const queries = new PanelQueries({
    datasource: p.datasource,
    queries: p.targets ?? [],
    maxDataPoints: p.maxDataPoints,
  });
  return new VizPanel({
    key: `panel-${p.id}`,
    pluginId: p.type,
    title: p.title,
    description: p.description,
    displayMode: p.transparent ? 'transparent' : 'default',
    hoverHeader: !p.title,
    options: p.options ?? {},
    fieldConfig: p.fieldConfig ?? { defaults: {}, overrides: [] },
    $data: new SceneDataTransformer({ $data: queries, transformations: p.transformations ?? [] }),
  });
}

function gridItem(p: PanelJSON) {
  const { x, y, w: width, h: height } = p.gridPos;
  return new SceneGridItem({ x, y, width, height, body: vizPanel(p) });
}

interface TimeControlsState extends SceneObjectState {
  picker: SceneTimePicker;
  refresh: SceneRefreshPicker;
}

// On the right, also when the variables fill more than a line.
export class TimeControls extends SceneObjectBase<TimeControlsState> {
  static Component = ({ model }: SceneComponentProps<TimeControls>) => {
    const { picker, refresh } = model.useState();
    return (
      <div style={{ display: 'flex', gap: 8, marginLeft: 'auto' }}>
        <picker.Component model={picker} />
        <refresh.Component model={refresh} />
      </div>
    );
  };
}

interface LinksState extends SceneObjectState {
  links: LinkJSON[];
}

// Links to the other dashboards, with this one's time and variables as the link says.
class DashboardLinks extends SceneObjectBase<LinksState> {
  static Component = ({ model }: SceneComponentProps<DashboardLinks>) => {
    const { links } = model.useState();
    sceneGraph.getTimeRange(model).useState();
    sceneGraph.getVariables(model).useState();
    const url = ({ url, keepTime, includeVars }: LinkJSON) => {
      const parts = [keepTime && '${__url_time_range}', includeVars && '${__all_variables}'].filter(Boolean);
      return locationUtil.assureBaseUrl(sceneGraph.interpolate(model, parts.length ? `${url}?${parts.join('&')}` : url));
    };
    return (
      <>
        {links.map((link) => (
          <LinkButton key={link.title} variant="secondary" fill="outline" href={url(link)} tooltip={link.tooltip}>
            {link.title}
          </LinkButton>
        ))}
      </>
    );
  };
}

export function dashboardScene(d: DashboardJSON) {
  return new EmbeddedScene({
    key: d.uid,
    // A `from` or `to` in the URL that is no time leaves the dashboard's own range.
    $timeRange: new SceneTimeRange({ ...d.time, timeZone: d.timezone }),
    $variables: new SceneVariableSet({ variables: d.templating.list.map((v) => variable(v as TypedVariableModel)) }),
    $behaviors: [new behaviors.CursorSync({ sync: d.graphTooltip ?? 0 }), new behaviors.SceneQueryController()],
    controls: [
      new VariableValueSelectors({}),
      new DashboardLinks({ links: d.links ?? [] }),
      new TimeControls({
        picker: new SceneTimePicker({ isOnCanvas: true }),
        refresh: new SceneRefreshPicker({
          isOnCanvas: true,
          refresh: d.refresh,
          intervals: d.timepicker?.refresh_intervals,
        }),
      }),
    ],
    body: new SceneGridLayout({ isLazy: false, children: d.panels.map(gridItem) }),
  });
}
