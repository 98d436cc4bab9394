import { useMemo } from 'react';
import { comparisonLimit, type ComparisonScene, type Half } from '../canvas/comparisonScene';
import { ALIKE, DifferenceTones } from '../canvas/differenceTones';
import type { Size } from '../canvas/scale';
import { Textures } from '../canvas/texture';
import type { Palette } from '../canvas/theme';
import type { Analysis } from '../trace/analysis';
import { difference, type Comparison } from '../trace/compare';
import { foldAlike, tints } from '../trace/comparePair';
import { hiddenSpans } from '../trace/filter';
import { packTrace, placeTrace, TEXTURE_HEIGHTS, type Heights } from '../trace/layout';
import { ribbonsOf } from '../trace/ribbons';
import type { ViewState } from './state/view';
import { usePixelRatio } from './usePixelRatio';

export interface Compared {
  a: Analysis;
  b: Analysis;
  comparison: Comparison;
  captions: readonly [string, string];
}

/** The tallest that let both traces fit; small traces rather scroll than lose their words. */
const READABLE: readonly Heights[] = [[20, 17, 13], [18, 15, 5], [16, 14, 4], [15, 13, 3]].map(([app, sys, net]) => ({ bars: [app, sys, net] as const, gap: 1 }));
const MANY = 3000;
const NONE: ReadonlySet<number> = new Set();

export function useComparisonScene({ a, b, comparison, captions }: Compared, palette: Palette, size: Size, folded: boolean, state: Pick<ViewState, 'sources' | 'hidden'>): ComparisonScene {
  const { sources, hidden } = state;
  const ratio = usePixelRatio();
  const packed = useMemo(() => {
    const [tintA, tintB] = tints(comparison, a, b);
    const most = comparison.differences.length > 0 ? Math.abs(difference(comparison.differences[0])) : 0;
    const { toA, toB } = comparison.match;
    return { most, sides: [{ analysis: a, gains: tintA, match: toB }, { analysis: b, gains: tintB, match: toA }].map((side) => {
      const { trace, held } = side.analysis;
      const collapsed = folded ? foldAlike(trace, side.gains, side.match, most * ALIKE) : NONE;
      const packing = packTrace(trace, { layers: sources, hidden: hiddenSpans(trace, hidden, false), collapsed, focus: -1, held: held.below });
      return { ...side, collapsed, packing };
    }) };
  }, [a, b, comparison, folded, sources, hidden]);
  const ribbons = useMemo(() => ribbonsOf(a, b, comparison.match), [a, b, comparison]);
  return useMemo(() => {
    const tones = new DifferenceTones(palette, new Textures(ratio, palette), packed.most);
    const make = (heights: Heights): ComparisonScene => {
      const halves = packed.sides.map(({ packing, ...side }, k): Half => ({ ...side, layout: placeTrace(side.analysis.trace, packing, heights, false), caption: captions[k] }));
      return { halves: halves as [Half, Half], ribbons, tones, palette };
    };
    const many = Math.max(a.trace.length, b.trace.length) > MANY;
    for (const heights of many ? [...READABLE, ...TEXTURE_HEIGHTS] : READABLE) {
      const scene = make(heights);
      if (comparisonLimit(scene, size) === 0) {
        return scene;
      }
    }
    return make(many ? TEXTURE_HEIGHTS[TEXTURE_HEIGHTS.length - 1] : READABLE[2]);
  }, [packed, ribbons, captions, palette, ratio, size, a, b]);
}
