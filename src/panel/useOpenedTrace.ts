import { useCallback, useEffect, useMemo, useState } from 'react';
import { LoadingState, type DataQueryRequest, type InterpolateFunction, type PanelData } from '@grafana/data';
import { getDataSourceSrv, locationService } from '@grafana/runtime';
import { isTraceFrame } from '../trace/frame';
import { askSource, requestTo, unasked } from './askSource';
import { reasonOf } from './backend';

const OURS = 'throughline-datasource';

export interface OpenedTrace {
  /** The panel's data; where there is no trace in them, those of the trace that was opened here. */
  data: PanelData;
  /** The id that was asked for, '' for none. */
  asked: string;
  /** Opens another trace; without it nobody can be asked. */
  open?: (id: string) => void;
  /** Name of the data source that is asked, where the panel's query does not say it. */
  source?: string;
}

/**
 * A trace that is asked for in the panel: by the variable `trace_id` where the dashboard has one;
 * else the panel asks the data source itself, and the address keeps the id in a parameter of the
 * panel's own, so that "back", a reload and a copied link find it.
 */
export function useOpenedTrace(panel: number, data: PanelData, replaceVariables: InterpolateFunction): OpenedTrace {
  const name = `tl-${panel}-trace`;
  const variable = replaceVariables('${trace_id}');
  const byVariable = variable !== '${trace_id}';
  const id = useParameter(name);
  const own = data.series.some((f) => isTraceFrame(f) && f.length > 0);
  const asks = byVariable || own ? undefined : id;
  const source = useMemo(() => sourceToAsk(data.request), [data.request]);
  const [answer, setAnswer] = useState<{ id: string; data: PanelData } | null>(null);
  const { request, timeRange } = data;
  useEffect(() => {
    if (!asks || !source) {
      return;
    }
    let current = true;
    const question = requestTo(source.uid, request ?? unasked(timeRange), `open-${panel}`, { queryType: 'trace', query: asks });
    const tell = (change: Partial<PanelData>) => current && setAnswer({ id: asks, data: { state: LoadingState.Done, series: [], timeRange, request: question, ...change } });
    setAnswer((old) => (old?.id === asks ? old : { id: asks, data: { state: LoadingState.Loading, series: [], timeRange, request: question } })); // a refresh keeps the picture
    askSource(source.uid, question).then(
      (series) => tell({ series }),
      (e) => tell({ state: LoadingState.Error, errors: [{ message: reasonOf(e) }] })
    );
    return () => {
      current = false;
    };
  }, [asks, source, panel, request, timeRange]);

  const open = useCallback((to: string) => locationService.partial(byVariable ? { 'var-trace_id': to, 'var-span_id': '' } : { [name]: to, 'var-span_id': null }), [byVariable, name]);
  if (byVariable) {
    return { data, asked: variable === '*' ? '' : variable, open };
  }
  return {
    data: !asks || !source ? data : answer?.id === asks ? answer.data : { ...data, state: LoadingState.Loading, series: [] },
    asked: asks ?? '',
    ...(source ? { open, ...(source.chosen ? {} : { source: source.name }) } : {}),
  };
}

/** The data source of the panel's query where it is ours, else the first of ours. */
function sourceToAsk(request: DataQueryRequest | undefined): { uid: string; name: string; chosen: boolean } | undefined {
  const sources = getDataSourceSrv() as ReturnType<typeof getDataSourceSrv> | undefined; // none around a test
  const uid = request?.targets?.[0]?.datasource?.uid;
  const settings = uid ? sources?.getInstanceSettings(uid, request?.scopedVars) : undefined;
  if (settings?.type === OURS) {
    return { uid: settings.uid, name: settings.name, chosen: true };
  }
  const ours = sources?.getList({ type: OURS }) ?? [];
  const first = ours.find((s) => s.isDefault) ?? ours[0];
  return first && { uid: first.uid, name: first.name, chosen: false };
}

/** A parameter of the address. */
function useParameter(name: string): string | undefined {
  const read = useCallback(() => {
    const value = locationService.getSearchObject()[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }, [name]);
  const [value, setValue] = useState(read);
  useEffect(() => {
    const subscription = locationService.getLocationObservable().subscribe(() => setValue(read()));
    return () => subscription.unsubscribe();
  }, [read]);
  return value;
}
