// Colours of a comparison: vermilion where this trace takes longer, blue where it takes less
// time, grey where both are alike. The two are told apart with any colour vision, and where
// a bar has room a sign says it too. What only one trace has is hatched.
import { mix } from './colour';
import { ALIKE } from '../trace/compareLayout';
import type { Palette } from './theme';
import { Textures } from './texture';

/** Tones that the eye tells apart, from alike to the largest difference. */
const STEPS = 64;

export class DifferenceTones {
  private readonly steps = new Map<number, string>();
  private readonly grounds: { added: string; gone: string };
  readonly alike: { self: string; wait: string };
  readonly slower: string;
  readonly faster: string;
  /** For lines and words on the background. */
  readonly slowerLine: string;
  readonly fasterLine: string;

  constructor(
    p: Palette,
    private readonly textures: Textures,
    private readonly most: number
  ) {
    this.alike = { self: p.net.row, wait: p.dark ? '#33383f' : '#e6e8ec' };
    [this.slower, this.faster] = p.dark ? ['#b84a14', '#1f6fc4'] : ['#f39468', '#7db8f5'];
    [this.slowerLine, this.fasterLine] = differenceLines(p);
    this.grounds = { added: mix(this.slower, p.background, 0.55), gone: mix(this.faster, p.background, 0.55) };
  }

  isAlike(gain: number): boolean {
    return Math.abs(gain) <= this.most * ALIKE;
  }

  /** Of own time that is `gain` longer. */
  self(gain: number): string {
    if (this.isAlike(gain)) {
      return this.alike.self;
    }
    const step = Math.round(this.strength(gain) * STEPS) * Math.sign(gain);
    let tone = this.steps.get(step);
    if (tone === undefined) {
      this.steps.set(step, (tone = mix(this.alike.self, gain > 0 ? this.slower : this.faster, Math.abs(step) / STEPS)));
    }
    return tone;
  }

  line(gain: number): string {
    return gain > 0 ? this.slowerLine : this.fasterLine;
  }

  /** Own time of a span that only one trace has. */
  alone(ctx: CanvasRenderingContext2D, added: boolean): CanvasPattern | string {
    return added ? this.textures.stripes(ctx, this.slower, this.grounds.added) : this.textures.stripes(ctx, this.faster, this.grounds.gone);
  }

  private strength(gain: number): number {
    return 0.4 + 0.6 * Math.sqrt(Math.min(1, Math.abs(gain) / Math.max(1, this.most)));
  }
}

/** Slower, faster: readable as text. */
export const differenceLines = (p: Palette): [string, string] => (p.dark ? ['#ff9162', '#74b6ff'] : ['#b23c06', '#1259b5']);
