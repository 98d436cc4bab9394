// The panel as Grafana sees it: the frame of a search, the states of its query, the data
// source that is asked for layers, and what the dashboard shows.
import React, { useMemo, useState } from 'react';
import { LoadingState, type PanelProps } from '@grafana/data';
import { getBackendSrv } from '@grafana/runtime';
import { useTheme2 } from '@grafana/ui';
import { map } from 'rxjs';
import { t } from '../language/t';
import { paletteFor } from '../canvas/theme';
import { askAgain } from '../panel/askAgain';
import { cssVariables } from '../panel/styles';
import { sourceOf } from '../panel/source';
import { useVariable } from '../panel/useVariable';
import type { Scale } from './barScale';
import type { LayersAnswer } from './layers';
import { LayerStore, type Ask } from './LayerStore';
import { RequestList } from './RequestList';
import { readRequests } from './rows';
import { Empty, Failed, Loading, NoRequests, NotRead } from './States';
import { STYLES } from './styles';

export interface RequestsOptions {
  scale?: Scale;
}

export function RequestsPanel({ data, options, width, height, timeZone, replaceVariables, eventBus }: PanelProps<RequestsOptions>) {
  const theme = useTheme2();
  const palette = useMemo(
    () =>
      paletteFor(theme.isDark, {
        background: theme.colors.background.primary,
        sunken: theme.colors.background.canvas,
        raised: theme.isDark ? theme.colors.background.secondary : theme.colors.background.primary,
      }),
    [theme]
  );
  const requests = useMemo(() => readRequests(data.series), [data.series]);
  const { uid = '', gone } = sourceOf(requests?.datasource, undefined);
  const of = requests?.of ?? 'trace';
  const store = useMemo(() => new LayerStore(uid, of, gone ? null : asker(uid)), [uid, of, gone]);
  const [chosen, setScale] = useState<Scale>(); // in this panel, until it is drawn anew
  const [trace] = useVariable('trace_id', replaceVariables);
  const [span] = useVariable('span_id', replaceVariables);
  const failure = data.errors?.[0] ?? data.error;

  const body = () => {
    if (failure && !requests?.rows.length) {
      return <Failed message={failure.message ?? failure.data?.message ?? failure.statusText ?? t('state.unknown-error', 'unknown error')} />;
    }
    if (!requests) {
      return data.state === LoadingState.Loading || data.state === LoadingState.NotStarted ? <Loading /> : data.series.length > 0 ? <NoRequests /> : <NotRead retry={() => askAgain(eventBus)} />;
    }
    if (requests.rows.length === 0) {
      return data.state === LoadingState.Loading ? <Loading /> : <Empty why={requests.nothing} />;
    }
    return (
      <RequestList
        requests={requests}
        store={store}
        palette={palette}
        scale={chosen ?? options.scale ?? 'log'}
        setScale={setScale}
        timeZone={timeZone}
        shown={{ trace, span }}
        snapshot={gone}
      />
    );
  };
  return (
    <div role="region" aria-label={t('list.region', 'List of requests')} style={{ width, height, background: palette.background, ...(cssVariables(palette) as React.CSSProperties) }}>
      <style>{STYLES}</style>
      {body()}
    </div>
  );
}

const asker =
  (datasource: string): Ask =>
  (of, rows) =>
    getBackendSrv()
      .fetch<LayersAnswer>({
        url: `/api/datasources/uid/${encodeURIComponent(datasource)}/resources/layers`,
        method: 'POST',
        data: { of, rows },
        showErrorAlert: false,
      })
      .pipe(map((response) => response.data));
