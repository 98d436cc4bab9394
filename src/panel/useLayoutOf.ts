import { useMemo } from 'react';
import { FOOT, HEAD } from '../canvas/scale';
import type { Analysis } from '../trace/analysis';
import { HEIGHTS, layoutTrace, TEXTURE_HEIGHTS, type Layout } from '../trace/layout';
import type { ViewState } from './state';

const EMPTY: ReadonlySet<number> = new Set();

/** The layout for what is chosen; texture takes the largest bars that let all fit. */
export function useLayoutOf(analysis: Analysis, state: ViewState, hidden: Uint8Array | null, height: number): Layout {
  const { sources, density, collapsed, focus } = state;
  const texture = density === 'texture';
  const room = texture ? height - HEAD - FOOT : 0; // other densities do not look at the height
  return useMemo(() => {
    const [app, sys, net] = sources;
    const layers = [app, sys, net && density !== 'folded'] as const;
    const options = { layers, hidden, focus, held: analysis.held.below };
    if (!texture) {
      return layoutTrace(analysis.trace, { ...options, heights: HEIGHTS[density], collapsed, ghosts: true });
    }
    // Total height grows with the heights, so the right one is found by halving.
    let best: Layout | undefined;
    let lo = 0;
    let hi = TEXTURE_HEIGHTS.length - 1;
    while (lo <= hi) {
      const mid = (lo + hi) >> 1;
      const layout = layoutTrace(analysis.trace, { ...options, heights: TEXTURE_HEIGHTS[mid], collapsed: EMPTY, ghosts: false });
      if (layout.total <= room || mid === TEXTURE_HEIGHTS.length - 1) {
        best = layout;
      }
      if (layout.total <= room) {
        hi = mid - 1;
      } else {
        lo = mid + 1;
      }
    }
    return best ?? layoutTrace(analysis.trace, { ...options, heights: TEXTURE_HEIGHTS[TEXTURE_HEIGHTS.length - 1], collapsed: EMPTY, ghosts: false });
  }, [analysis, sources, hidden, density, collapsed, focus, texture, room]);
}
