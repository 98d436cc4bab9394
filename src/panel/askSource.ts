import { CoreApp, getDefaultTimeRange, LoadingState, type DataFrame, type DataQueryRequest, type TimeRange } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { from as observe, lastValueFrom } from 'rxjs';
import { t } from '../language/t';

/** A request like those of a panel, where it was asked nothing. */
export const unasked = (range: TimeRange = getDefaultTimeRange()): DataQueryRequest => ({
  app: CoreApp.Unknown,
  requestId: 'throughline',
  interval: '1s',
  intervalMs: 1000,
  range,
  scopedVars: {},
  startTime: Date.now(),
  targets: [],
  timezone: 'browser',
});

/** The request with another query in place of its own. */
export function requestTo(uid: string, request: DataQueryRequest, requestId: string, query: Record<string, unknown>): DataQueryRequest {
  const datasource = { uid, type: getDataSourceSrv().getInstanceSettings(uid)?.type };
  return { ...request, requestId, targets: [{ refId: 'A', datasource, ...query }] };
}

/** Asks a data source what the panel's own query does not; throws what it answers as an error. */
export async function askSource(uid: string, request: DataQueryRequest): Promise<DataFrame[]> {
  const source = await getDataSourceSrv().get({ uid });
  const response = await lastValueFrom(observe(source.query(request)));
  const failure = response.errors?.[0] ?? response.error;
  if (failure || response.state === LoadingState.Error) {
    throw new Error(failure?.message ?? t('state.no-answer', 'the data source could not answer'));
  }
  return response.data as DataFrame[];
}
