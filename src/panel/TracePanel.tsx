// The panel as Grafana sees it: states of the query, theme, the dashboard variable
// span_id, and the resource call for a span's details. Everything else is the Explorer.
import React, { useCallback, useMemo, useState } from 'react';
import { dateTimeFormat, LoadingState, systemDateFormats, type DataFrame, type GrafanaTheme2, type PanelProps } from '@grafana/data';
import { getBackendSrv } from '@grafana/runtime';
import { askAgain } from './askAgain';
import { useTheme2 } from '@grafana/ui';
import { spans } from '../language/counts';
import { t } from '../language/t';
import { paletteFor } from '../canvas/theme';
import type { Clocks } from '../trace/clocks';
import { isTraceFrame } from '../trace/frame';
import type { LoadDetails } from './Drawer';
import { BackendContext } from './backend';
import { Explorer } from './Explorer';
import { DropArea } from './file/DropArea';
import { OpenedTrace } from './file/OpenedTrace';
import { FileContext } from './file/traceFiles';
import { useOpenedFile } from './file/useOpenedFile';
import type { PanelOptions } from './options';
import { OtherTracesContext } from './otherTraces';
import { SignalsContext } from './signals';
import { sourceOf } from './source';
import { Empty, Failed, Loading, NotRead, WrongData } from './States';
import { ClientContext, useTraceClient } from './traceWorker';
import { useAnalysis } from './useAnalysis';
import type { Attributes } from './useAttribute';
import { useBackend } from './useBackend';
import { useChoices } from './useChoices';
import { useComparison } from './useComparison';
import { useOpenedTrace } from './useOpenedTrace';
import { useTraceFiles } from './useTraceFiles';
import { useOtherTraces } from './useOtherTraces';
import { useShown } from './useShown';
import { TraceFiltersContext } from './traceFilters';
import { useSignals } from './useSignals';
import { useTraceFilters } from './useTraceFilters';
import { useVariable } from './useVariable';
import { strangeData } from './strangeData';
import { STYLES } from './styles';

export function TracePanel({ id, title, options, data: answered, replaceVariables, width, height, timeZone, eventBus }: PanelProps<PanelOptions>) {
  const theme = useTheme2();
  const { data, asked, open, source } = useOpenedTrace(id, answered, replaceVariables);
  const palette = useMemo(() => paletteOf(theme), [theme]);
  const frame = useMemo(() => traceFrame(data.series), [data.series]);
  const client = useTraceClient();
  const [clocks, setClocks] = useState<Clocks>('auto');
  const analysis = useShown(frame, useAnalysis(client, frame, clocks));
  const [choices, choose] = useChoices(id, options);
  const clockChoice = useMemo(() => ({ chosen: clocks, choose: setClocks }), [clocks]);
  const [spanId, setSpanId] = useVariable('span_id', replaceVariables);
  const target = data.request?.targets?.[0];
  const { uid, gone } = sourceOf(frame?.meta?.custom?.datasource, target?.datasource?.uid);
  const loadDetails = useLoadDetails(uid);
  const backend = useBackend(uid);
  const signals = useSignals(uid);
  const attributes = useAttributesOf(uid, analysis?.trace.text.id[0]);
  const { from, to } = data.timeRange ?? {};
  const timeRange = useMemo(() => (from && to ? { from: from.valueOf(), to: to.valueOf() } : undefined), [from, to]);
  const others = useOtherTraces(uid, replaceVariables, timeRange);
  const filters = useTraceFilters(uid, analysis?.trace.meta.traceId, timeRange);
  const comparable = useComparison(client, data.series, { uid, request: data.request, range: data.timeRange });
  const formatStart = useCallback((ms: number) => dateTimeFormat(ms, { timeZone, format: systemDateFormats.fullDateMS }), [timeZone]);
  const files = useTraceFiles(uid);
  const opened = useOpenedFile(files);
  const opening = useMemo(() => opened && { open: opened.open, opened: opened.file !== null }, [opened]);
  const failure = data.errors?.[0] ?? data.error;

  const body = () => {
    if (files && opened?.file) {
      return <OpenedTrace client={client} files={files} state={opened} file={opened.file} palette={palette} choices={choices} onChoices={choose} comparable={comparable} dashboards={analysis} formatStart={formatStart} />;
    }
    if (failure && !(frame && frame.length > 0)) {
      const message = failure.message ?? failure.data?.message ?? failure.statusText ?? t('state.unknown-error', 'unknown error');
      return <Failed palette={palette} message={message} details={JSON.stringify({ failure, target }, null, 2)} retry={() => askAgain(eventBus)} />;
    }
    if (!frame || frame.length === 0) {
      if (data.state === LoadingState.Loading) {
        return <Loading palette={palette} />;
      }
      if (!frame && asked && data.state === LoadingState.Done && data.series.length === 0) {
        return <NotRead palette={palette} retry={() => askAgain(eventBus)} />;
      }
      const strange = strangeData(data.series);
      return strange ? <WrongData palette={palette} {...strange} open={open} source={source} /> : <Empty palette={palette} asked={frame ? asked : ''} open={open} source={source} />;
    }
    if (!analysis) {
      return <Loading palette={palette} words={t('state.laying-out', 'Laying out {{spans}}', { spans: spans(frame.length) })} />;
    }
    // Another trace starts afresh: what was chosen were spans of this one.
    return <Explorer key={analysis.trace.meta.traceId} choices={choices} onChoices={choose} analysis={analysis} palette={palette} spanId={spanId} onSelect={setSpanId} loadDetails={loadDetails} timeRange={timeRange} clocks={clockChoice} comparable={comparable} attributes={attributes} formatStart={formatStart} snapshot={gone} />;
  };
  return (
    <ClientContext.Provider value={client}>
    <BackendContext.Provider value={backend}>
      <OtherTracesContext.Provider value={others}>
        <SignalsContext.Provider value={signals}>
          <TraceFiltersContext.Provider value={filters}>
          <FileContext.Provider value={opening}>
            {/* Above what is of one trace: each time it comes anew the browser matches the whole page's styles again. */}
            <style>{STYLES}</style>
            <DropArea palette={palette} open={opening?.open} style={{ width, height, background: palette.background, ...(title ? {} : MENU_ROOM) }}>
              {body()}
            </DropArea>
          </FileContext.Provider>
          </TraceFiltersContext.Provider>
        </SignalsContext.Provider>
      </OtherTracesContext.Provider>
    </BackendContext.Provider>
    </ClientContext.Provider>
  );
}

/** Grafana's own menu floats over the corner of a panel without a title. */
const MENU_ROOM = { '--tl-menu-room': '45px' } as React.CSSProperties;

const traceFrame = (series: DataFrame[]): DataFrame | undefined => series.find((f) => isTraceFrame(f)) ?? series.find((f) => f.length === 0);

const paletteOf = (theme: GrafanaTheme2) =>
  paletteFor(theme.isDark, {
    background: theme.colors.background.primary,
    sunken: theme.colors.background.canvas,
    raised: theme.isDark ? theme.colors.background.secondary : theme.colors.background.primary,
  });

function useAttributesOf(uid: string | undefined, spanId: string | undefined): Attributes | undefined {
  return useMemo(() => {
    const address = `/api/datasources/uid/${encodeURIComponent(uid ?? '')}/resources/attributes/${encodeURIComponent(spanId ?? '')}`;
    const get = (params?: Record<string, string>) => getBackendSrv().get(address, params, undefined, { showErrorAlert: false });
    return uid && spanId
      ? {
          keys: async () => ((await get())?.keys ?? []).map((key: { text: string }) => key.text),
          values: async (key) => (await get({ key }))?.values ?? {},
        }
      : undefined;
  }, [uid, spanId]);
}

function useLoadDetails(uid: string | undefined): LoadDetails | undefined {
  const load = useCallback<LoadDetails>(
    (id, startNs) => getBackendSrv().get(`/api/datasources/uid/${encodeURIComponent(uid ?? '')}/resources/span/${encodeURIComponent(id)}`, { start: startNs }, undefined, { showErrorAlert: false }),
    [uid]
  );
  return uid ? load : undefined;
}
