// The services behind @grafana/runtime that datasources, panels and scenes call.
import {
  type DataSourceInstanceSettings,
  EventBusSrv,
  AppEvents,
  locationUtil,
  type PanelPlugin,
  type PanelPluginMeta,
  setTimeZoneResolver,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
  type TypedVariableModel,
} from '@grafana/data';
import {
  type BackendSrv,
  type BackendSrvRequest,
  config,
  type DataSourceSrv,
  type FetchResponse,
  locationService,
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setLocationSrv,
  setPluginImportUtils,
  setRunRequest,
  setTemplateSrv,
  setPluginLinksHook,
  setPluginComponentsHook,
  setPluginComponentHook,
  setPluginFunctionsHook,
  setReturnToPreviousHook,
  type TemplateSrv,
} from '@grafana/runtime';
import { sceneGraph, type SceneObject } from '@grafana/scenes';
import { uniqBy } from 'lodash';
import { filter, firstValueFrom, type Observable, Subject, switchMap, takeUntil, throwError } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
// Not exported by the packages; Grafana's core reaches them through an entry that npm lacks.
import {
  getDataSourceInstance,
  initDataSourceInstanceSettings,
  registerRuntimeDataSourceInstance,
  setDataSourcePluginImporter,
  setPanelDataErrorView,
  setPluginPage,
  transformationEntry,
} from './internal';
import { editors, fieldConfigEditors } from './editors';
import { PanelDataError, Page } from './chrome';
import { runRequest } from './runRequest';
import { importPlugin } from './shared';

declare global {
  interface Window {
    __grafanaSceneContext?: SceneObject; // kept by @grafana/scenes, of the host's or of a plugin's copy
  }
}

const cancel = new Subject<string>();
export const cancelRequest = (id: string) => cancel.next(id);
export const appEvents = new EventBusSrv();

class Backend implements BackendSrv {
  fetch<T>(o: BackendSrvRequest): Observable<FetchResponse<T>> {
    const url = new URL(o.url.replace(/^\//, ''), document.baseURI); // below Grafana's sub path
    for (const [k, v] of Object.entries(o.params ?? {})) {
      for (const one of Array.isArray(v) ? v : [v]) {
        if (one !== undefined && one !== null) {
          url.searchParams.append(k, String(one));
        }
      }
    }
    if (o.requestId) {
      cancel.next(o.requestId); // the newer request of the same id replaces the older
    }
    const headers: Record<string, string> = { 'X-Grafana-Org-Id': '1', ...o.headers };
    let body: BodyInit | undefined = o.data;
    if (o.data !== undefined && typeof o.data !== 'string' && !(o.data instanceof Blob)) {
      headers['Content-Type'] ??= 'application/json';
      body = JSON.stringify(o.data);
    }
    return fromFetch(url.href, { method: o.method ?? 'GET', headers, body, signal: o.abortSignal }).pipe(
      switchMap(async (r) => {
        const text = await (o.responseType === 'blob'
          ? r.blob()
          : o.responseType === 'arraybuffer'
            ? r.arrayBuffer()
            : r.text());
        let data: any = text;
        if (typeof text === 'string' && o.responseType !== 'text') {
          try {
            data = text ? JSON.parse(text) : null;
          } catch {
            /* not JSON */
          }
        }
        return {
          data,
          ok: r.ok,
          status: r.status,
          statusText: r.statusText,
          headers: r.headers,
          redirected: r.redirected,
          type: r.type,
          url: r.url,
          config: o,
        } as FetchResponse<T>;
      }),
      switchMap((r) => {
        if (r.ok) {
          return [r];
        }
        // Failed queries show in their panel, other failures as a message.
        if (o.showErrorAlert ?? !/^\/?api\/(ds\/query|datasources\/proxy)/.test(o.url)) {
          appEvents.publish({ type: AppEvents.alertError.name, payload: [(r.data as any)?.message ?? r.statusText] });
        }
        return throwError(() => r);
      }),
      takeUntil(cancel.pipe(filter((id) => id === o.requestId)))
    );
  }
  chunked(): Observable<FetchResponse<Uint8Array | undefined>> {
    return throwError(() => new Error('chunked: not implemented by the host'));
  }
  async datasourceRequest<T>(o: BackendSrvRequest) {
    return firstValueFrom(this.fetch<T>(o));
  }
  async request<T>(o: BackendSrvRequest) {
    return (await firstValueFrom(this.fetch<T>(o))).data;
  }
  get<T>(url: string, params?: any, requestId?: string, o?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...o, url, params, requestId, method: 'GET' });
  }
  delete<T>(url: string, data?: unknown, o?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...o, url, data, method: 'DELETE' });
  }
  post<T>(url: string, data?: unknown, o?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...o, url, data, method: 'POST' });
  }
  patch<T>(url: string, data?: unknown, o?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...o, url, data, method: 'PATCH' });
  }
  put<T>(url: string, data?: unknown, o?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...o, url, data, method: 'PUT' });
  }
}

// Grafana's own TemplateSrv hands over to the active scene too.
const templateSrv: TemplateSrv = {
  getVariables: () => {
    const scene = window.__grafanaSceneContext;
    return scene ? sceneGraph.getVariables(scene).state.variables.map((v) => v.state as unknown as TypedVariableModel) : [];
  },
  replace: (target, scopedVars, format, interpolations) => {
    // The object that asks, so that a panel's or a row's own variables count; else the active scene.
    const scene: SceneObject | undefined = scopedVars?.__sceneObject?.value.valueOf() ?? window.__grafanaSceneContext;
    return scene ? sceneGraph.interpolate(scene, target, scopedVars, format as any, interpolations) : (target ?? '');
  },
  containsTemplate: (target) => /\$\w+|\$\{|\[\[/.test(target ?? ''),
  updateTimeRange() {},
};

// Instances come from the runtime package, which holds them; its look-up of settings is private.
const settingsOf: DataSourceSrv['getInstanceSettings'] = (ref, vars) => {
  const all = Object.values(config.datasources);
  const name = typeof ref === 'string' ? ref : ref?.uid;
  if (!name || name === 'default') {
    const type = typeof ref === 'object' ? ref?.type : undefined;
    return all.find((d) => d.type === type) ?? all.find((d) => d.name === config.defaultDatasource) ?? all[0];
  }
  const asked = templateSrv.replace(name, vars);
  const found = all.find((d) => d.uid === asked || d.name === asked);
  return found && asked !== name
    ? { ...found, name, uid: name, isDefault: false, rawRef: { type: found.type, uid: found.uid } }
    : found;
};

const dataSourceSrv: DataSourceSrv = {
  get: (ref, vars) => getDataSourceInstance(ref, vars),
  getInstanceSettings: settingsOf,
  getList: (f = {}) =>
    Object.values(config.datasources).filter((d) => {
      const types = f.type && [f.type].flat();
      const capable = (['metrics', 'tracing', 'logs', 'annotations', 'alerting'] as const).every(
        (c) => !f[c] || d.meta[c]
      );
      return (
        capable &&
        (!types || types.includes(d.type)) &&
        (!f.pluginId || f.pluginId === d.meta.id) &&
        (!f.filter || f.filter(d))
      );
    }),
  reload: async () => {},
  registerRuntimeDataSource: (entry) => registerRuntimeDataSourceInstance(entry),
};

const panels = new Map<string, PanelPlugin>();

/** A panel of Grafana's core: the host brings a replacement. */
export function addCorePanel(plugin: PanelPlugin<any, any>, id: string, name: string) {
  const info = {
    author: { name: 'host' },
    description: '',
    links: [],
    logos: { small: '', large: '' },
    screenshots: [],
    updated: '',
    version: config.buildInfo.version,
  };
  plugin.meta = {
    id,
    name,
    type: 'panel',
    module: '',
    baseUrl: '',
    sort: 1,
    info,
    hideFromList: false,
  } as unknown as PanelPluginMeta;
  config.panels[id] = plugin.meta;
  panels.set(id, plugin);
}

export function setServices() {
  setBackendSrv(new Backend());
  setTemplateSrv(templateSrv);
  initDataSourceInstanceSettings(config.datasources, config.defaultDatasource);
  setDataSourcePluginImporter((meta: DataSourceInstanceSettings['meta']) => importPlugin(meta));
  setDataSourceSrv(dataSourceSrv);
  setRunRequest(runRequest);
  setAppEvents(appEvents);
  setLocationSrv(locationService); // locationService itself needs no setting: it is on the browser's history
  setEchoSrv({ flush() {}, addBackend() {}, addEvent() {}, onInteraction: () => () => {} });
  setPluginImportUtils({
    importPanelPlugin: async (id) => {
      const known = panels.get(id);
      if (known) {
        return known;
      }
      const meta = config.panels[id];
      if (!meta) {
        throw new Error(`panel ${id} is not installed`);
      }
      const plugin = await importPlugin<PanelPlugin>(meta);
      panels.set(id, plugin);
      return plugin;
    },
    getPanelPluginFromCache: (id) => panels.get(id),
  });
  setPluginPage(Page);
  setPanelDataErrorView(PanelDataError);
  setPluginLinksHook(() => ({ links: [], isLoading: false }));
  setPluginComponentsHook(() => ({ components: [], isLoading: false }));
  setPluginComponentHook(() => ({ component: null, isLoading: false }));
  setPluginFunctionsHook(() => ({ functions: [], isLoading: false }));
  setReturnToPreviousHook(() => () => {});
  standardTransformersRegistry.setInit(() =>
    uniqBy(Object.values(standardTransformers), 'id').map((transformation: any) => ({
      // some are listed under two names
      id: transformation.id,
      name: transformation.name,
      editor: () => null,
      transformation: transformationEntry(transformation),
      imageDark: '',
      imageLight: '',
      description: '',
    }))
  );
  standardEditorsRegistry.setInit(editors);
  standardFieldConfigEditorRegistry.setInit(fieldConfigEditors);
  setTimeZoneResolver(() => config.bootData.user.timezone);
  locationUtil.initialize({
    config: config as any,
    getTimeRangeForUrl: () => {
      const s = window.__grafanaSceneContext;
      return s ? sceneGraph.getTimeRange(s).state.value.raw : { from: 'now-6h', to: 'now' };
    },
    getVariablesUrlParams: (vars) => {
      const s = window.__grafanaSceneContext;
      return s ? Object.fromEntries(new URLSearchParams(sceneGraph.interpolate(s, '${__all_variables}', vars))) : {};
    },
  });
}
