// The fill of a slice of time: solid for code, the owner's stripes for kernel, its dashes for
// waiting, grey for network, dots for what nobody saw.
import { Layer } from '../trace/model';
import type { Tones } from './colour';
import { mix } from './colour';
import type { Textures } from './texture';
import type { Palette } from './theme';

export class Fills {
  constructor(
    private readonly palette: Palette,
    private readonly tones: Tones,
    private readonly textures: Textures
  ) {}

  of(ctx: CanvasRenderingContext2D, layer: Layer, service: string): CanvasPattern | string {
    switch (layer) {
      case Layer.Network:
        return this.palette.net.self;
      case Layer.Unseen:
        return this.textures.dots(ctx, mix(this.palette.background, this.palette.doubt, 0.14));
      case Layer.Kernel: {
        const tone = this.tones.of(service);
        return this.textures.stripes(ctx, tone.stripe, tone.stripeGround);
      }
      case Layer.Waiting: {
        const tone = this.tones.of(service);
        return this.textures.dashes(ctx, tone.dash, tone.dashGround);
      }
      default:
        return this.tones.of(service).self;
    }
  }
}
