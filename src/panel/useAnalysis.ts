import { useEffect, useMemo, useState } from 'react';
import { analyse, analysisSteps, type Analysis } from '../trace/analysis';
import type { Clocks } from '../trace/clocks';
import { readSteps, readTrace, type FrameLike } from '../trace/frame';
import { runInTurns, type Steps } from '../trace/steps';

/** From here on reading and laying out takes long enough to say so first. */
const LONG = 20_000;

interface Work {
  frame: FrameLike;
  clocks: Clocks;
  analysis?: Analysis;
  error?: unknown;
}

/** The analysis of a frame; null while a large one is being worked on. */
export function useAnalysis(frame: FrameLike | undefined, clocks: Clocks = 'auto'): Analysis | null {
  const large = (frame?.length ?? 0) > LONG;
  const now = useMemo(() => (frame && !large && (frame.length ?? 0) > 0 ? analyse(readTrace(frame, clocks)) : null), [frame, large, clocks]);
  const [later, setLater] = useState<Work | null>(null);
  useEffect(() => {
    if (!frame || !large) {
      return;
    }
    return runInTurns(
      all(frame, clocks),
      (analysis) => setLater({ frame, clocks, analysis }),
      (error) => setLater({ frame, clocks, error })
    );
  }, [frame, large, clocks]);
  if (!large) {
    return now;
  }
  if (!later || later.frame !== frame || later.clocks !== clocks) {
    return null;
  }
  if (later.error !== undefined) {
    throw later.error; // as it would be of a small trace: the panel's own error state
  }
  return later.analysis ?? null;
}

function* all(frame: FrameLike, clocks: Clocks): Steps<Analysis> {
  const trace = yield* readSteps(frame, clocks);
  yield;
  return yield* analysisSteps(trace);
}
