import { useMemo } from 'react';
import { FOOT, HEAD } from '../canvas/scale';
import type { Analysis } from '../trace/analysis';
import { Arranger, type ArrangeColumns, type Arrangement } from '../trace/arrange';
import type { ViewState } from './state';

/** The layout for what is chosen. */
export function useLayoutOf(analysis: Analysis, state: ViewState, hidden: Uint8Array | null, height: number): Arrangement {
  const { sources, density, focus, collapsed, openGroups } = state;
  const { held, kinds, slices } = analysis;
  const order = analysis.trace.order; // the same for every colouring of a trace
  const arranger = useMemo(() => new Arranger(columnsOf(analysis)), [order, held, kinds, slices]); // eslint-disable-line react-hooks/exhaustive-deps -- colours do not move bars
  const fits = density === 'texture' || density === 'auto';
  const room = fits ? height - HEAD - FOOT : 0; // other densities do not look at the height
  return useMemo(
    () => arranger.arrange({ layers: sources, hidden, density, focus, collapsed, open: openGroups, room }),
    [arranger, sources, hidden, density, focus, collapsed, openGroups, room]
  );
}

const columnsOf = ({ trace, held, kinds, slices }: Analysis): ArrangeColumns => ({ ...trace, heldBelow: held.below, heldAlone: held.alone, own: slices.own, kinds });
