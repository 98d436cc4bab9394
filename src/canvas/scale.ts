// Sizes of the parts of the canvas, and time to pixels and back.
import type { Viewport } from './viewport';

export const MINIMAP = 28;
export const AXIS = 20;
export const SPINE = 15;
export const PAD = 10;
export const AXIS_TOP = MINIMAP + 2;
export const SPINE_TOP = AXIS_TOP + AXIS;
/** Where the bars begin. */
export const HEAD = SPINE_TOP + SPINE + 9;
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

export const scrollLimit = (total: number, height: number): number => Math.max(0, total - (height - HEAD) + FOOT);
