// Everything a comparison is painted from: the other trace grows upwards from the middle,
// this one downwards, and between them ribbons join what each held of the time.
import type { Analysis } from '../trace/analysis';
import type { ComparedHalf } from '../trace/compareLayout';
import type { Ribbons } from '../trace/ribbons';
import type { DifferenceTones } from './differenceTones';
import { Scale, type Size } from './scale';
import type { Palette } from './theme';
import type { Viewport } from './viewport';

export interface Half extends ComparedHalf {
  analysis: Analysis;
  /** Row of the other half, -1 where it has no such span. */
  match: Int32Array;
  /** What is written beside its spine. */
  caption: string;
}

export interface ComparisonScene {
  /** The other trace above, this one below. */
  halves: readonly [Half, Half];
  ribbons: Ribbons;
  tones: DifferenceTones;
  palette: Palette;
}

/** A span of one half. */
export interface At {
  side: 0 | 1;
  row: number;
}

export const TOP = 24; // the axis
export const CAPTION = 20;
export const SPINE_HIGH = 15;
export const RIBBONS = 58;
const MARGIN = 10;

/** Where the parts are, in pixels of the whole picture before scrolling. */
export interface Places {
  /** Edge of each half that its roots touch, and the spines' tops. */
  roots: [number, number];
  spines: [number, number];
  total: number;
}

/** Pixels that the bars of both may take. */
export const comparedRoom = (size: Size): number => size.height - TOP - 2 * (CAPTION + SPINE_HIGH) - RIBBONS - 2 * MARGIN;

export function placesOf({ halves }: ComparisonScene, size: Size): Places {
  const [above, below] = halves.map((half) => half.layout.total);
  const spare = Math.max(0, comparedRoom(size) - above - below);
  const root = TOP + MARGIN + Math.min(spare / 2, 28) + above;
  const spine = root + CAPTION;
  const lower = spine + SPINE_HIGH + RIBBONS;
  return { roots: [root, lower + SPINE_HIGH + CAPTION], spines: [spine, lower], total: lower + SPINE_HIGH + CAPTION + below + MARGIN };
}

export const comparisonLimit = (scene: ComparisonScene, size: Size): number => Math.max(0, placesOf(scene, size).total - size.height);

/** Top of a bar of one half on the picture. */
export const topOf = (places: Places, half: Half, side: 0 | 1, row: number): number =>
  side === 0 ? places.roots[0] - half.layout.y[row] - half.layout.height[row] : places.roots[1] + half.layout.y[row];

/** Time and pixels of one half: both begin where their main roots do. */
export function halfScale(half: Half, view: Pick<Viewport, 'from' | 'to'>, size: Size): Scale {
  const { trace } = half.analysis;
  const start = trace.main < 0 ? 0 : trace.start[trace.main];
  return new Scale(view.from + start, view.to + start, size.width);
}
