// What stands around a plugin: page, messages, options drawer.
import { AppEvents, LoadingState, type PanelPlugin, PanelOptionsEditorBuilder } from '@grafana/data';
import { type PanelDataErrorViewProps, type PluginPageProps } from '@grafana/runtime';
import { type VizPanel } from '@grafana/scenes';
import { Alert, Drawer, Field, useTheme2 } from '@grafana/ui';
import { get, set, cloneDeep } from 'lodash';
import * as React from 'react';
import { appEvents } from './services';

export const Page = ({ children, pageNav, subTitle, actions }: PluginPageProps) => (
  <div style={{ padding: 16, display: 'flex', flexDirection: 'column', flexGrow: 1 }}>
    {pageNav && <h1>{pageNav.text}</h1>}
    {subTitle}
    {actions}
    {children}
  </div>
);

export const PanelDataError = ({ data, message }: PanelDataErrorViewProps) => {
  const theme = useTheme2();
  return (
    <div
      style={{ display: 'grid', placeItems: 'center', height: '100%', color: theme.colors.text.secondary }}
      data-testid="panel-no-data"
    >
      {message ?? (data.state === LoadingState.Loading ? '' : 'No data')}
    </div>
  );
};

export function Messages() {
  const [list, add] = React.useReducer((l: string[], m: string) => [...l.slice(-3), m], []);
  React.useEffect(() => {
    const subs = [AppEvents.alertError, AppEvents.alertWarning].map((e) =>
      appEvents
        .getStream({ type: e.name } as any)
        .subscribe((ev: any) => add(ev.payload.filter((x: unknown) => typeof x === 'string').join(': ')))
    );
    return () => subs.forEach((s) => s.unsubscribe());
  }, []);
  return (
    <div style={{ position: 'fixed', right: 16, bottom: 16, zIndex: 2000 }}>
      {list.map((m, i) => (
        <Alert key={i} severity="error" title={m} />
      ))}
    </div>
  );
}

interface Option {
  path: string;
  name: string;
  description?: string;
  category?: string[];
  editor: React.ComponentType<any>;
  settings?: unknown;
  showIf?: (o: any, d?: any) => boolean;
}

/** The panel's own options, as its builder declares them. */
export function OptionsDrawer({ panel, onClose }: { panel: VizPanel; onClose: () => void }) {
  const { options } = panel.useState();
  const plugin = panel.getPlugin() as PanelPlugin;
  const builder = new PanelOptionsEditorBuilder<any>();
  plugin.getPanelOptionsSupplier()(builder, { data: [], options } as any);
  return (
    <Drawer title={`Options of ${panel.state.title}`} size="sm" onClose={onClose}>
      {(builder.getItems() as unknown as Option[])
        .filter((o) => !o.showIf || o.showIf(options))
        .map((o) => (
          <Field key={o.path} label={o.name} description={o.description}>
            <o.editor
              value={get(options, o.path)}
              item={o}
              context={{ data: [], options }}
              onChange={(v: unknown) => panel.onOptionsChange(set(cloneDeep(options), o.path, v), true)}
            />
          </Field>
        ))}
    </Drawer>
  );
}
