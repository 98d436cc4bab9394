import { useMemo } from 'react';
import { locationUtil } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { exploreUrl, type SignalSettings } from '../trace/signals';
import type { Signals } from './signals';

/** The links that the data source with this uid is configured for. */
export function useSignals(uid: string | undefined): Signals | null {
  return useMemo(() => {
    const sources = getDataSourceSrv() as ReturnType<typeof getDataSourceSrv> | undefined;
    const settings = uid ? (sources?.getInstanceSettings(uid)?.jsonData as SignalSettings | undefined) : undefined;
    if (!sources || !settings) {
      return null;
    }
    return {
      settings,
      typeOf: (of) => sources.getInstanceSettings(of)?.type,
      href: (link) => locationUtil.assureBaseUrl(exploreUrl(link)),
    };
  }, [uid]);
}
