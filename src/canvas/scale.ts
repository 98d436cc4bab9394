// Sizes of the parts of the canvas, and time to pixels and back.
import type { Viewport } from './viewport';

export const PAD = 10;

/** What lies above the bars; heights are 0 where a part is left out. */
export interface Head {
  minimap: number;
  axisTop: number;
  axis: number;
  spineTop: number;
  spine: number;
  /** Where the bars begin. */
  height: number;
}

function headWith(minimap: number, axis: number, spine: number): Head {
  const axisTop = minimap + 2;
  return { minimap, axisTop, axis, spineTop: axisTop + axis, spine, height: axisTop + axis + (spine > 0 ? spine + 9 : 4) };
}

/** All of it. */
export const HEAD = headWith(28, 20, 15);

// A low graph keeps its bars: the minimap goes first, then the spine, the axis last.
const HEADS: ReadonlyArray<[least: number, Head]> = [
  [200, HEAD],
  [130, headWith(0, 20, 15)],
  [70, headWith(0, 20, 0)],
  [-Infinity, headWith(0, 0, 0)],
];

/** What has room above the bars of a graph of this height. */
export const headOf = (height: number): Head => HEADS.find(([least]) => height >= least)![1];

/** Room below the last bar. */
export const FOOT = 24;

export interface Size {
  width: number;
  height: number;
}

export class Scale {
  constructor(
    private readonly from: number,
    private readonly to: number,
    private readonly width: number
  ) {}

  x(time: number): number {
    return PAD + ((time - this.from) / (this.to - this.from)) * (this.width - 2 * PAD);
  }

  time(x: number): number {
    return this.from + ((x - PAD) / Math.max(1, this.width - 2 * PAD)) * (this.to - this.from);
  }

  /** Time that one pixel is wide. */
  get pixel(): number {
    return (this.to - this.from) / Math.max(1, this.width - 2 * PAD);
  }
}

export const viewScale = (v: Viewport, s: Size): Scale => new Scale(v.from, v.to, s.width);

/** Pixels that bars so high can be scrolled by. */
export const scrollLimit = (total: number, height: number, head = headOf(height)): number => Math.max(0, total - (height - head.height) + FOOT);
