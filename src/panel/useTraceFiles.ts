import { useMemo } from 'react';
import { dataFrameFromJSON, type DataFrameJSON } from '@grafana/data';
import type { FileContents, TraceFiles } from './file/traceFiles';
import { getDataSourceSrv } from '@grafana/runtime';
import { askerOf, asBlob } from './useBackend';

type Answer = Omit<FileContents, 'frame'> & { frame?: DataFrameJSON };

/** Files as the data source with this uid reads them; where the panel asked none, as any of ours does: it looks at nothing else. */
export function useTraceFiles(uid: string | undefined): TraceFiles | null {
  const reader = uid ?? anyOfOurs();
  return useMemo(() => (reader ? filesOf(reader) : null), [reader]);
}

function anyOfOurs(): string | undefined {
  const sources = getDataSourceSrv() as ReturnType<typeof getDataSourceSrv> | undefined; // none in a test
  return sources?.getList({ pluginId: 'throughline-datasource' })[0]?.uid;
}

function filesOf(uid: string): TraceFiles {
  const ask = askerOf(uid);
  const post = (file: Blob, trace: string, more: Record<string, string> = {}) => ({
    method: 'POST',
    data: file,
    headers: { 'Content-Type': 'application/octet-stream' },
    params: { ...(trace ? { trace } : {}), ...more },
  });
  return {
    read: async (file, trace) => {
      const { frame, ...contents } = await ask<Answer>('open', post(file, trace));
      return { ...contents, frame: frame && dataFrameFromJSON(frame) };
    },
    span: (file, trace, spanId) => ask(`open/span/${encodeURIComponent(spanId)}`, post(file, trace)),
    attributeKeys: async (file, trace) => (await ask<{ keys: Array<{ text: string }> }>('open/attributes', post(file, trace))).keys.map(({ text }) => text),
    attributeValues: async (file, trace, key) => (await ask<{ values: Record<string, string> }>('open/attributes', post(file, trace, { key }))).values,
    finder: (file, trace) => ({
      spans: (_, filter, abortSignal) => ask('open/find', { ...post(file, trace, { filter }), abortSignal }),
      keys: (_, abortSignal) => ask('open/find/keys', { ...post(file, trace), abortSignal }),
      values: (_, key, text, abortSignal) => ask('open/find/values', { ...post(file, trace, { key, text }), abortSignal }),
    }),
    // The question is a line before the file.
    differences: (file, trace, selected, others) => ask('open/differences', post(new Blob([`${JSON.stringify({ selected, others })}\n`, file]), trace)),
    otlp: (file, trace) => asBlob(ask, 'open/export', post(file, trace)),
  };
}
