import React, { useMemo, useState } from 'react';
import { spans } from '../../language/counts';
import { t } from '../../language/t';
import type { Palette } from '../../canvas/theme';
import type { Analysis } from '../../trace/analysis';
import type { Clocks } from '../../trace/clocks';
import type { TraceClient } from '../../trace/worker/client';
import { BackendContext, type Backend } from '../backend';
import type { Comparable } from '../comparable';
import type { LoadDetails } from '../Drawer';
import { Explorer } from '../Explorer';
import { Loading } from '../States';
import { useAnalysis } from '../useAnalysis';
import type { Attributes } from '../useAttribute';
import { useShown } from '../useShown';
import type { ChoicesFromOutside } from '../useViewState';
import { FileBanner } from './FileBanner';
import { FileChoice, FileFailed } from './FileStates';
import type { TraceFiles } from './traceFiles';
import type { OpenedFile, OpenedFileState } from './useOpenedFile';

interface OpenedTraceProps extends ChoicesFromOutside {
  client: TraceClient;
  files: TraceFiles;
  state: OpenedFileState;
  file: OpenedFile;
  palette: Palette;
  comparable: Comparable;
  /** The dashboard's trace, which is compared with at first. */
  dashboards: Analysis | null;
  formatStart: (ms: number) => string;
}

/** The panel with a trace of a file. What is selected in it is nothing to the dashboard. */
export function OpenedTrace({ client, files, state, file, palette, comparable, dashboards, formatStart, ...choices }: OpenedTraceProps) {
  const { name, content, contents, error } = file;
  const { choose, close } = state;
  const frame = contents?.frame;
  const [clocks, setClocks] = useState<Clocks>('auto');
  const analysis = useShown(frame, useAnalysis(client, frame, clocks));
  const clockChoice = useMemo(() => ({ chosen: clocks, choose: setClocks }), [clocks]);
  const [spanId, setSpanId] = useState('');
  const asked = useQuestions(files, content, contents?.chosen ?? '');
  const compared = useMemo(() => ({ ...comparable, other: comparable.other ?? dashboards }), [comparable, dashboards]);
  if (error !== undefined) {
    return <FileFailed palette={palette} name={name} why={error} back={close} />;
  }
  if (!contents) {
    return <Loading palette={palette} words={t('file.reading', 'Reading {{name}}', { name })} />;
  }
  if (!frame) {
    return <FileChoice palette={palette} name={name} contents={contents} choose={choose} back={close} formatStart={formatStart} />;
  }
  if (!analysis) {
    return <Loading palette={palette} words={t('state.laying-out', 'Laying out {{spans}}', { spans: spans(frame.length ?? 0) })} />;
  }
  return (
    <BackendContext.Provider value={asked.backend}>
      <Explorer
        key={`${name} ${contents.chosen}`}
        {...choices}
        banner={<FileBanner name={name} contents={contents} choose={choose} back={close} />}
        analysis={analysis}
        palette={palette}
        spanId={spanId}
        onSelect={setSpanId}
        loadDetails={asked.details}
        attributes={asked.attributes}
        clocks={clockChoice}
        comparable={compared}
        formatStart={formatStart}
      />
    </BackendContext.Provider>
  );
}

/** What the Explorer asks beside the trace, answered from the file. */
function useQuestions(files: TraceFiles, content: Blob | undefined, trace: string) {
  return useMemo(() => {
    const sent = content ?? new Blob();
    const details: LoadDetails = (id) => files.span(sent, trace, id) as ReturnType<LoadDetails>;
    const attributes: Attributes = { keys: () => files.attributeKeys(sent, trace), values: (key) => files.attributeValues(sent, trace, key) };
    const backend: Backend = {
      exportOtlp: () => files.otlp(sent, trace),
      differences: (selected, others) => files.differences(sent, trace, selected, others),
      finder: files.finder(sent, trace),
    };
    return { details, attributes, backend };
  }, [files, content, trace]);
}
