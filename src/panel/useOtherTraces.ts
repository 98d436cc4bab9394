import { useMemo } from 'react';
import { locationUtil, type InterpolateFunction } from '@grafana/data';
import { getDataSourceSrv, locationService } from '@grafana/runtime';
import { exploreUrl } from '../trace/signals';
import type { OtherTraces } from './otherTraces';
import { linkTo } from './save';

/** Where the dashboard has a variable for the trace, by that; else in Explore. */
export function useOtherTraces(uid: string | undefined, replaceVariables: InterpolateFunction, timeRange?: { from: number; to: number }): OtherTraces | null {
  const byVariable = replaceVariables('${trace_id}') !== '${trace_id}';
  return useMemo(() => {
    if (byVariable) {
      return {
        href: (traceId, spanId) => linkTo(window.location.href, traceId, spanId),
        open: (traceId, spanId) => locationService.partial({ 'var-trace_id': traceId, 'var-span_id': spanId || null }),
      };
    }
    const type = uid ? (getDataSourceSrv() as ReturnType<typeof getDataSourceSrv> | undefined)?.getInstanceSettings(uid)?.type : undefined;
    return uid && type
      ? {
          // A trace is found by the id of one of its spans, too; its own is what a reader knows.
          href: (traceId) =>
            locationUtil.assureBaseUrl(
              exploreUrl({ datasourceUid: uid, datasourceType: type, query: { queryType: 'trace', query: traceId }, from: timeRange?.from ?? Date.now() - 3_600_000, to: timeRange?.to ?? Date.now() })
            ),
        }
      : null;
  }, [byVariable, uid, timeRange?.from, timeRange?.to]);
}
