import { useEffect, useMemo, useState } from 'react';
import { analyse, type Analysis } from '../trace/analysis';
import { readTrace, type Clocks, type FrameLike } from '../trace/frame';

/** From here on reading and laying out takes long enough to say so first. */
const LONG = 50_000;

/** The analysis of a frame; null while a large one is being worked on. */
export function useAnalysis(frame: FrameLike | undefined, clocks: Clocks = 'auto'): Analysis | null {
  const large = (frame?.length ?? 0) > LONG;
  const now = useMemo(() => (frame && !large && (frame.length ?? 0) > 0 ? analyse(readTrace(frame, clocks)) : null), [frame, large, clocks]);
  const [later, setLater] = useState<{ frame: FrameLike; clocks: Clocks; analysis: Analysis } | null>(null);
  useEffect(() => {
    if (!frame || !large) {
      return;
    }
    // Two steps with a pause, so that the page can paint and answer in between.
    let timer = setTimeout(() => {
      const trace = readTrace(frame, clocks);
      timer = setTimeout(() => setLater({ frame, clocks, analysis: analyse(trace) }), 0);
    }, 30);
    return () => clearTimeout(timer);
  }, [frame, large, clocks]);
  return large ? (later?.frame === frame && later!.clocks === clocks ? later!.analysis : null) : now;
}
