// What Grafana registers with setRunRequest: a datasource's answer(s) as a stream of PanelData.
import {
  CoreApp,
  type DataQuery,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  DataTopic,
  LoadingState,
  type PanelData,
} from '@grafana/data';
import { toDataQueryError } from '@grafana/runtime';
import {
  catchError,
  finalize,
  from,
  isObservable,
  map,
  merge,
  type Observable,
  of,
  share,
  takeUntil,
  timer,
} from 'rxjs';
import { cancelRequest } from './services';

const showLoadingAfter = 200; // ms

export function runRequest(
  ds: DataSourceApi,
  request: DataQueryRequest,
  queryFn?: DataSourceApi['query']
): Observable<PanelData> {
  const empty: PanelData = { state: LoadingState.Loading, series: [], request, timeRange: request.range };
  // Core fills in default queries and drops what filterQuery refuses (not so for variables: queryFn).
  const isEmpty = (t: DataQuery) =>
    Object.keys(t).every((k) => ['refId', 'key', 'datasource', 'hide', 'queryType'].includes(k));
  request.targets = request.targets.map((t) =>
    isEmpty(t) ? { ...ds.getDefaultQuery?.(CoreApp.PanelEditor), ...t } : t
  );
  if (!queryFn) {
    request.targets = request.targets.filter((t) => ds.filterQuery?.(t) ?? true);
  }
  if (request.targets.length === 0) {
    return of({ ...empty, state: LoadingState.Done });
  }
  const packets = new Map<string, DataQueryResponse>(); // a datasource may answer in parts
  let last = empty;
  const answer = queryFn ? queryFn(request) : ds.query(request);
  const data = (isObservable(answer) ? answer : from(answer)).pipe(
    map((packet) => {
      packets.set(packet.key ?? 'A', packet);
      const all = [...packets.values()];
      const frames = all.flatMap((p) => p.data);
      const failed = all.find((p) => p.error || p.errors?.length);
      request.endTime = Date.now();
      last = {
        ...empty,
        state: failed ? LoadingState.Error : (packet.state ?? LoadingState.Done),
        series: frames.filter((f) => f.meta?.dataTopic !== DataTopic.Annotations),
        annotations: frames.filter((f) => f.meta?.dataTopic === DataTopic.Annotations),
        error: failed?.error ?? failed?.errors?.[0],
        errors: failed?.errors,
      };
      return last;
    }),
    catchError((e) => of({ ...last, state: LoadingState.Error, error: toDataQueryError(e) })),
    finalize(() => cancelRequest(request.requestId)),
    share()
  );
  return merge(
    timer(showLoadingAfter).pipe(
      map(() => last),
      takeUntil(data)
    ),
    data
  );
}
