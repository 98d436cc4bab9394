import { useEffect, useMemo, useRef, useState } from 'react';
import { FOOT, headOf } from '../canvas/scale';
import type { Analysis } from '../trace/analysis';
import { Arranger, emptyArrangement, type ArrangeColumns, type ArrangeOptions, type Arrangement } from '../trace/arrange';
import { ArrangeClient } from '../trace/worker/arrangeClient';
import { makeLayoutWorker } from './layoutWorker';
import { densityOf, type ViewState } from './state/view';

/** Traces of more spans are laid out beside the page. */
const LARGE = 20_000;

interface LaidOut {
  /** What is asked for, or what was until it is made. */
  layout: Arrangement;
  /** Nothing is made yet: the layout is empty. */
  first: boolean;
  /** Another one is being made. */
  busy: boolean;
}

interface Made {
  columns: ArrangeColumns;
  options: ArrangeOptions;
  layout?: Arrangement;
  error?: unknown;
}

/** The layout for what is chosen. */
export function useLayoutOf(analysis: Analysis, state: ViewState, hidden: Uint8Array | null, height: number): LaidOut {
  const { sources, focus, collapsed, openGroups } = state;
  const density = densityOf(state.density, analysis.trace.length);
  const { held, kinds, slices } = analysis;
  const order = analysis.trace.order; // the same for every colouring of a trace
  const columns = useMemo(() => columnsOf(analysis), [order, held, kinds, slices]); // eslint-disable-line react-hooks/exhaustive-deps -- colours do not move bars
  const large = columns.length > LARGE;
  const fits = density === 'texture' || density === 'auto';
  const room = fits && height > 0 ? Math.max(1, height - headOf(height).height - FOOT) : 0; // other densities do not look at the height
  const options = useMemo<ArrangeOptions>(
    () => ({ layers: sources, hidden, density, focus, collapsed, open: openGroups, room }),
    [sources, hidden, density, focus, collapsed, openGroups, room]
  );
  const arranger = useMemo(() => (large ? null : new Arranger(columns)), [large, columns]);
  const now = useMemo(() => arranger?.arrange(options), [arranger, options]);
  const later = useArrangement(large ? columns : null, options);
  const empty = useMemo(() => (large ? emptyArrangement(columns) : null), [large, columns]);
  if (later?.error !== undefined) {
    throw later.error;
  }
  return useMemo(
    () => ({ layout: now ?? later?.layout ?? empty!, first: !now && !later, busy: !now && later?.options !== options }),
    [now, later, empty, options]
  );
}

/** The newest arrangement that is made beside the page, null while there is none. */
function useArrangement(columns: ArrangeColumns | null, options: ArrangeOptions): Made | null {
  const [made, setMade] = useState<Made | null>(null);
  const client = useRef<ArrangeClient | null>(null);
  const asked = useRef(options);
  useEffect(() => {
    if (!columns) {
      return;
    }
    const tell = (answer: Pick<Made, 'layout' | 'error'>) => setMade({ columns, options: asked.current, ...answer });
    client.current = new ArrangeClient(columns, makeLayoutWorker, (layout) => tell({ layout }), (error) => tell({ error }));
    return () => {
      client.current?.dispose();
      client.current = null;
    };
  }, [columns]);
  useEffect(() => {
    asked.current = options;
    const sized = options.room > 0 || (options.density !== 'texture' && options.density !== 'auto');
    if (sized) {
      client.current?.ask(options);
    }
  }, [columns, options]);
  return made && made.columns === columns ? made : null;
}

const columnsOf = ({ trace, held, kinds, slices }: Analysis): ArrangeColumns => ({ ...trace, heldBelow: held.below, heldAlone: held.alone, own: slices.own, kinds });
