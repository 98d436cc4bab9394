import { useMemo } from 'react';
import { comparedRoom, type ComparisonScene, type Half } from '../canvas/comparisonScene';
import { DifferenceTones } from '../canvas/differenceTones';
import type { Size } from '../canvas/scale';
import { Textures } from '../canvas/texture';
import type { Palette } from '../canvas/theme';
import type { Analysis } from '../trace/analysis';
import type { Compared as Differences } from '../trace/compare';
import { ComparedLayout, type ComparedOptions } from '../trace/compareLayout';
import type { ViewState } from './state/view';
import { useClient } from './traceWorker';
import { useAnswer } from './useAnswer';
import { sourcesOf } from './useCompared';
import { usePixelRatio } from './usePixelRatio';

export interface Compared extends Differences {
  a: Analysis;
  b: Analysis;
  /** `a` is `b` as it usually is. */
  usual: boolean;
  captions: readonly [string, string];
}

/** What is drawn, null until both are laid out; busy while they are laid out anew. */
export function useComparisonScene(compared: Compared, palette: Palette, size: Size, folded: boolean, { sources, hidden }: Pick<ViewState, 'sources' | 'hidden'>): { scene: ComparisonScene | null; busy: boolean } {
  const { a, b, usual, comparison, ribbons, captions } = compared;
  const ratio = usePixelRatio();
  const client = useClient();
  const room = comparedRoom(size);
  const options = useMemo<ComparedOptions>(() => ({ sources, hidden, folded, room }), [sources, hidden, folded, room]);
  const { there, here } = sourcesOf(a, b, usual) ?? {};
  const layout = useMemo(() => (here ? null : new ComparedLayout([a, b], comparison)), [here, a, b, comparison]);
  const now = useMemo(() => layout?.place(options), [layout, options]);
  const ask = useMemo(
    () => (there && here ? () => client.place(there, here, options).then((placed) => ({ comparison, placed })) : null),
    [client, there, here, comparison, options]
  );
  const later = useAnswer(ask);
  if (later.error !== undefined) {
    throw later.error;
  }
  const placed = now ?? (later.value?.comparison === comparison ? later.value.placed : undefined);
  const tones = useMemo(() => new DifferenceTones(palette, new Textures(ratio, palette), comparison.most), [palette, ratio, comparison]);
  const scene = useMemo(() => {
    const { toA, toB } = comparison.match;
    const half = (k: 0 | 1): Half => ({ ...placed![k], analysis: k === 0 ? a : b, match: k === 0 ? toB : toA, caption: captions[k] });
    return placed ? { halves: [half(0), half(1)] as const, ribbons, tones, palette } : null;
  }, [placed, a, b, comparison, ribbons, captions, tones, palette]);
  return { scene, busy: !now && later.busy };
}
