import { useMemo } from 'react';
import { FOOT, HEAD } from '../canvas/scale';
import type { Analysis } from '../trace/analysis';
import { heightOf, HEIGHTS, packTrace, placeTrace, TEXTURE_HEIGHTS, type Layout } from '../trace/layout';
import type { ViewState } from './state';

const EMPTY: ReadonlySet<number> = new Set();

/** The layout for what is chosen; texture takes the largest bars that let all fit. */
export function useLayoutOf({ trace, held }: Analysis, state: ViewState, hidden: Uint8Array | null, height: number): Layout {
  const { sources, density, focus } = state;
  const texture = density === 'texture';
  const collapsed = texture ? EMPTY : state.collapsed;
  const room = texture ? height - HEAD - FOOT : 0; // other densities do not look at the height
  const folded = density === 'folded';
  const columns = trace.order; // the same for every colouring of a trace
  const packing = useMemo(() => {
    const [app, sys, net] = sources;
    return packTrace(trace, { layers: [app, sys, net && !folded], hidden, focus, held: held.below, collapsed });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- colours do not move bars
  }, [columns, held, sources, hidden, folded, collapsed, focus]);
  return useMemo(() => {
    if (!texture) {
      return placeTrace(trace, packing, HEIGHTS[density], true);
    }
    // Total height grows with the heights, so the right one is found by halving.
    let lo = 0;
    let hi = TEXTURE_HEIGHTS.length - 1;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (heightOf(trace, packing, TEXTURE_HEIGHTS[mid], false) <= room) {
        hi = mid;
      } else {
        lo = mid + 1;
      }
    }
    return placeTrace(trace, packing, TEXTURE_HEIGHTS[lo], false);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- colours do not move bars
  }, [packing, density, texture, room]);
}
