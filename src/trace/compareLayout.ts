// Where the bars of two traces are that are compared: the tallest that let both fit.
import type { Analysis } from './analysis';
import type { Comparison } from './compare';
import { foldAlike, tints } from './comparePair';
import { hiddenSpans } from './filter';
import { heightOf, packTrace, placeTrace, TEXTURE_HEIGHTS, type Heights, type Layout, type Packing } from './layout';

/** Below this share of the largest difference two spans count as alike. */
export const ALIKE = 0.005;

export interface ComparedOptions {
  /** Which of APP, SYS and NET are shown. */
  sources: readonly [boolean, boolean, boolean];
  /** Services whose spans are left out. */
  hidden: ReadonlySet<string>;
  /** Only what differs, or all. */
  folded: boolean;
  /** Pixels that both together may take. */
  room: number;
}

export interface ComparedHalf {
  layout: Layout;
  /** How much longer the span's own time is in this trace; what a bar is coloured by. */
  gains: Float64Array;
  /** 1 for each span whose subtree is folded. */
  collapsed: Uint8Array;
}

/** Small traces rather scroll than lose their words. */
const READABLE: readonly Heights[] = [[20, 17, 13], [18, 15, 5], [16, 14, 4], [15, 13, 3]].map(([app, sys, net]) => ({ bars: [app, sys, net] as const, gap: 1 }));
const SMALLEST_READABLE = READABLE[2];
const MANY = 3000;
const NONE: ReadonlySet<number> = new Set();

type Sides<T> = [T, T];

/** Lays both out; what does not depend on the room is kept. */
export class ComparedLayout {
  private packed: { key: ComparedOptions; halves: Sides<Omit<ComparedHalf, 'layout'> & { packing: Packing }> } | null = null;

  constructor(
    private readonly sides: Sides<Analysis>,
    private readonly comparison: Comparison
  ) {}

  place(o: ComparedOptions): Sides<ComparedHalf> {
    const halves = this.pack(o);
    const heights = this.fitting(halves.map(({ packing }) => packing), o.room);
    return halves.map(({ packing, gains, collapsed }, k) => ({ layout: placeTrace(this.sides[k].trace, packing, heights, false), gains, collapsed })) as Sides<ComparedHalf>;
  }

  private pack(o: ComparedOptions) {
    const { packed, comparison, sides } = this;
    if (packed && packed.key.sources.join() === o.sources.join() && packed.key.folded === o.folded && sameNames(packed.key.hidden, o.hidden)) {
      return packed.halves;
    }
    const gains = tints(comparison, ...sides);
    const match = [comparison.match.toB, comparison.match.toA];
    const halves = sides.map(({ trace, held }, k) => {
      const folded = o.folded ? foldAlike(trace, gains[k], match[k], comparison.most * ALIKE) : NONE;
      const collapsed = new Uint8Array(trace.length);
      folded.forEach((i) => (collapsed[i] = 1));
      const packing = packTrace(trace, { layers: o.sources, hidden: hiddenSpans(trace, o.hidden, false), collapsed: folded, focus: -1, held: held.below });
      return { gains: gains[k], collapsed, packing };
    }) as Sides<Omit<ComparedHalf, 'layout'> & { packing: Packing }>;
    this.packed = { key: o, halves };
    return halves;
  }

  private fitting(packings: Packing[], room: number): Heights {
    const many = Math.max(...this.sides.map(({ trace }) => trace.length)) > MANY;
    const choice = many ? [...READABLE, ...TEXTURE_HEIGHTS] : READABLE;
    const total = (heights: Heights) => packings.reduce((sum, packing, k) => sum + heightOf(this.sides[k].trace, packing, heights, false), 0);
    return choice.find((heights) => total(heights) <= room) ?? (many ? TEXTURE_HEIGHTS[TEXTURE_HEIGHTS.length - 1] : SMALLEST_READABLE);
  }
}

const sameNames = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a === b || (a.size === b.size && [...a].every((name) => b.has(name)));
