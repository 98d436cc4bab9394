import { useMemo } from 'react';
import { analyse, type Analysis, type TraceSource } from '../trace/analysis';
import type { Clocks } from '../trace/clocks';
import { readTrace, type FrameLike } from '../trace/frame';
import { LARGE, type TraceClient } from '../trace/worker/client';
import { useAnswer } from './useAnswer';

/** The analysis of a frame; null while a large one is being worked on. */
export function useAnalysis(client: TraceClient, frame: FrameLike | undefined, clocks: Clocks = 'auto'): Analysis | null {
  const large = (frame?.length ?? 0) > LARGE;
  const source = useMemo<TraceSource | null>(() => (frame && (frame.length ?? 0) > 0 ? { frame, clocks } : null), [frame, clocks]);
  const now = useMemo(() => (source && !large ? { ...analyse(readTrace(source.frame, source.clocks)), source } : null), [source, large]);
  const ask = useMemo(() => (source && large ? () => client.read(source) : null), [client, source, large]);
  const later = useAnswer(ask);
  if (!large) {
    return now;
  }
  if (later.error !== undefined) {
    throw later.error; // as it would be of a small trace: the panel's own error state
  }
  return later.value?.source === source ? later.value : null;
}
