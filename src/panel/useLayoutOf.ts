import { useMemo } from 'react';
import { FOOT, headOf } from '../canvas/scale';
import type { Analysis } from '../trace/analysis';
import { Arranger, columnsOf, emptyArrangement, type ArrangeOptions, type Arrangement } from '../trace/arrange';
import { LARGE } from '../trace/worker/client';
import { densityOf, type ViewState } from './state/view';
import { useClient } from './traceWorker';
import { useAnswer } from './useAnswer';

interface LaidOut {
  /** What is asked for, or what was until it is made. */
  layout: Arrangement;
  /** Nothing is made yet: the layout is empty. */
  first: boolean;
  /** Another one is being made. */
  busy: boolean;
}

/** The layout for what is chosen. */
export function useLayoutOf(analysis: Analysis, state: ViewState, hidden: Uint8Array | null, height: number): LaidOut {
  const { sources, focus, collapsed, openGroups } = state;
  const density = densityOf(state.density, analysis.trace.length);
  const { held, kinds, slices, source } = analysis;
  const order = analysis.trace.order; // the same for every colouring of a trace
  const columns = useMemo(() => columnsOf(analysis), [order, held, kinds, slices]); // eslint-disable-line react-hooks/exhaustive-deps -- colours do not move bars
  const large = columns.length > LARGE && source !== undefined;
  const fits = density === 'texture' || density === 'auto';
  const room = fits && height > 0 ? Math.max(1, height - headOf(height).height - FOOT) : 0; // other densities do not look at the height
  const options = useMemo<ArrangeOptions>(
    () => ({ layers: sources, hidden, density, focus, collapsed, open: openGroups, room }),
    [sources, hidden, density, focus, collapsed, openGroups, room]
  );
  const arranger = useMemo(() => (large ? null : new Arranger(columns)), [large, columns]);
  const now = useMemo(() => arranger?.arrange(options), [arranger, options]);
  const client = useClient();
  const sized = room > 0 || !fits;
  const ask = useMemo(() => (large && sized ? () => client.arrange(source, columns, options).then((layout) => ({ columns, layout })) : null), [large, sized, client, source, columns, options]);
  const later = useAnswer(ask);
  const made = later.value?.columns === columns ? later.value.layout : undefined;
  const empty = useMemo(() => (large ? emptyArrangement(columns) : null), [large, columns]);
  if (later.error !== undefined) {
    throw later.error;
  }
  return useMemo(() => ({ layout: now ?? made ?? empty!, first: !now && !made, busy: !now && later.busy }), [now, made, empty, later.busy]);
}
