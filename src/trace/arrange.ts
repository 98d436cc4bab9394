// The layout for what is chosen: how dense, what is left out, how much room there is. It
// keeps what does not depend on heights, so that a resized panel is not packed again.
import type { Analysis } from './analysis';
import type { Kinds } from './kinds';
import { heightOf, HEIGHTS, packTrace, placeTrace, TEXTURE_HEIGHTS, type Density, type Heights, type Layout, type Packing } from './layout';
import type { LayoutColumns, ShownOptions } from './shown';

/** All that layouts of one trace are made from. */
export interface ArrangeColumns extends LayoutColumns {
  heldBelow: Float64Array;
  heldAlone: Float64Array;
  own: Float64Array;
  kinds: Kinds;
}

export interface ArrangeOptions extends ShownOptions {
  /** auto: alike spans folded where that leaves few bars, else texture. */
  density: Density | 'auto';
  /** First spans of open groups of alike spans. */
  open: ReadonlySet<number>;
  /** Pixels that texture may take. */
  room: number;
}

export interface Arrangement extends Layout {
  density: Density;
}

/** What a layout reads of an analysis. */
export const columnsOf = ({ trace, held, kinds, slices }: Analysis): ArrangeColumns => ({ ...trace, heldBelow: held.below, heldAlone: held.alone, own: slices.own, kinds });

/** What is shown before anything is laid out: no bar. */
export function emptyArrangement(t: LayoutColumns): Arrangement {
  const none = new Int32Array(0);
  return {
    density: 'texture', spans: t.length, alike: null, start: t.start, end: t.end, y: new Int32Array(t.length).fill(-1), height: new Uint8Array(t.length),
    lane: none, shownParent: none, childStart: new Int32Array(t.length + 1), children: none, roots: none, order: none,
    rowY: none, rowHeight: new Uint8Array(0), rowStart: new Int32Array(1), from: new Float64Array(0), to: new Float64Array(0), total: 0, orphansY: -1,
  };
}

/** Folding is chosen where it leaves no more than one bar for so many spans. */
const WORTH_FOLDING = 10;

const NONE: ReadonlySet<number> = new Set();

interface Packed {
  key: ArrangeOptions;
  density: Density;
  packing: Packing;
}

export class Arranger {
  private packed: Packed | null = null;

  constructor(private readonly t: ArrangeColumns) {}

  arrange(o: ArrangeOptions): Arrangement {
    const { density, packing } = this.pack(o);
    const heights = density === 'texture' ? this.fitting(packing, o.room) : HEIGHTS[density];
    return { ...placeTrace(this.t, packing, heights, density !== 'texture'), density };
  }

  private pack(o: ArrangeOptions): Packed {
    if (this.packed && samePacking(this.packed.key, o)) {
      return this.packed;
    }
    let density = o.density === 'auto' ? 'alike' : o.density;
    let packing = this.packAs(o, density);
    if (o.density === 'auto' && packing.tree.order.length * WORTH_FOLDING > this.t.length) {
      density = 'texture';
      packing = this.packAs(o, density);
    }
    return (this.packed = { key: o, density, packing });
  }

  private packAs(o: ArrangeOptions, density: Density): Packing {
    const { t } = this;
    const [app, sys, net] = o.layers;
    const collapsed = density === 'texture' ? NONE : o.collapsed;
    return packTrace(t, {
      layers: [app, sys, net && density !== 'folded'],
      hidden: o.hidden,
      focus: o.focus,
      collapsed,
      held: t.heldBelow,
      alike: density === 'alike' ? { kinds: t.kinds, held: t.heldAlone, own: t.own, open: o.open, collapsed } : null,
    });
  }

  // Total height grows with the heights, so the largest that fits is found by halving.
  private fitting(packing: Packing, room: number): Heights {
    let lo = 0;
    let hi = TEXTURE_HEIGHTS.length - 1;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (heightOf(this.t, packing, TEXTURE_HEIGHTS[mid], false) <= room) {
        hi = mid;
      } else {
        lo = mid + 1;
      }
    }
    return TEXTURE_HEIGHTS[lo];
  }
}

const same = <T>(a: Iterable<T> | null | undefined, b: Iterable<T> | null | undefined): boolean => a === b || [...(a ?? [])].join() === [...(b ?? [])].join();

function samePacking(a: ArrangeOptions, b: ArrangeOptions): boolean {
  return a.density === b.density && a.focus === b.focus && a.hidden === b.hidden && same(a.layers, b.layers) && same(a.collapsed, b.collapsed) && same(a.open, b.open);
}
