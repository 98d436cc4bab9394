import { useState } from 'react';
import type { Analysis } from '../trace/analysis';
import type { FrameLike } from '../trace/frame';

/** The analysis to draw: the last one of the same trace while a new reading is worked on. */
export function useShown(frame: FrameLike | undefined, analysis: Analysis | null): Analysis | null {
  const [last, setLast] = useState(analysis);
  if (analysis && analysis !== last) {
    setLast(analysis);
  }
  return analysis ?? (last && frame && last.trace.meta.traceId === frame.meta?.custom?.traceId ? last : null);
}
