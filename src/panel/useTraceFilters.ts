import { useMemo } from 'react';
import { locationUtil } from '@grafana/data';
import { getDataSourceSrv, getTemplateSrv, locationService } from '@grafana/runtime';
import { inAddress, type AttributeFilter } from '../trace/details/attributeFilter';
import { exploreUrl } from '../trace/signals';
import type { TraceFilters } from './traceFilters';

/** Searches of the data source with this uid, and the filters of the dashboard around, as of this trace. */
export function useTraceFilters(uid: string | undefined, traceId: string | undefined, timeRange?: { from: number; to: number }): TraceFilters | null {
  const variable = useMemo(() => (traceId && uid ? adHocVariable(uid) : undefined), [traceId, uid]);
  return useMemo(() => {
    const type = uid ? (getDataSourceSrv() as ReturnType<typeof getDataSourceSrv> | undefined)?.getInstanceSettings(uid)?.type : undefined;
    if (!uid || !type) {
      return null;
    }
    return {
      explore: (filter) =>
        locationUtil.assureBaseUrl(
          exploreUrl({ datasourceUid: uid, datasourceType: type, query: { queryType: 'search', scope: 'roots', filters: [filter] }, from: timeRange?.from ?? Date.now() - 3_600_000, to: timeRange?.to ?? Date.now() })
        ),
      dashboard: variable ? narrowing(`var-${variable}`) : undefined,
    };
  }, [uid, variable, timeRange?.from, timeRange?.to]);
}

function narrowing(parameter: string): TraceFilters['dashboard'] {
  const all = (filter: AttributeFilter): string[] => {
    const said = [locationService.getSearchObject()[parameter] ?? []].flat().map(String);
    return [...new Set([...said.filter(Boolean), inAddress(filter)])];
  };
  return {
    href: (filter) => {
      const url = new URL(window.location.href);
      const filters = all(filter);
      url.searchParams.delete(parameter);
      filters.forEach((f) => url.searchParams.append(parameter, f));
      return url.toString();
    },
    add: (filter) => locationService.partial({ [parameter]: all(filter) }),
  };
}

/** The dashboard's variable of ad-hoc filters for the data source, if there is one. */
function adHocVariable(uid: string): string | undefined {
  const templates = getTemplateSrv() as ReturnType<typeof getTemplateSrv> | undefined;
  const found = templates?.getVariables().find((v) => v.type === 'adhoc' && v.datasource?.uid && templates.replace(v.datasource.uid) === uid);
  return found?.name;
}
