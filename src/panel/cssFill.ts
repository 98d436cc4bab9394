// The fills of the canvas, as CSS backgrounds for the parts that are DOM.
import { mix, type Tone, type Tones } from '../canvas/colour';
import type { Palette } from '../canvas/theme';
import { Layer } from '../trace/model';

export function cssFill(p: Palette, tones: Tones, layer: Layer, service: string): string {
  switch (layer) {
    case Layer.Unseen:
      return `radial-gradient(circle,${p.doubt} .9px,transparent 1.2px) 0 0/5px 5px ${mix(p.background, p.doubt, 0.1)}`;
    case Layer.Network:
      return p.net.self;
    case Layer.Kernel: {
      const tone = tones.of(service);
      return stripes(tone.stripe, tone.stripeGround, 2, 4.5);
    }
    case Layer.Waiting: {
      const tone = tones.of(service);
      return marked(p, tone, lines(tone.dash, tone.dashGround));
    }
    default:
      return toneFill(p, tones.of(service));
  }
}

/** The colour of a service with its mark, for swatches and bars. */
export const toneFill = (p: Palette, tone: Tone): string => marked(p, tone, tone.self);

const marked = (p: Palette, { mark }: Tone, fill: string): string =>
  mark === 0 ? fill : `${Array.from({ length: mark }, (_, k) => `linear-gradient(${p.ink} 0 0) ${4 * k}px 0/2px 100% no-repeat`).join()},${/gradient/.test(fill) ? fill : `linear-gradient(${fill} 0 0)`}`;

/** A layer without an owner: the swatches of the strip. */
export function layerFill(p: Palette, layer: Layer): string {
  switch (layer) {
    case Layer.Code:
      return p.text;
    case Layer.Kernel:
      return stripes(p.text, p.background, 1.6, 4);
    case Layer.Waiting:
      return lines(p.text, p.background);
    case Layer.Network:
      return p.net.self;
    default:
      return `radial-gradient(circle,${p.doubt} .9px,transparent 1.2px) 0 0/5px 5px`;
  }
}

/** Waiting: level lines, where kernel has slanted ones. */
const lines = (line: string, ground: string): string => `repeating-linear-gradient(180deg,${ground} 0 2px,${line} 2px 3px,${ground} 3px 4px)`;

const stripes = (line: string, ground: string, width: number, pitch: number): string =>
  `repeating-linear-gradient(135deg,${line} 0 ${width}px,${ground} ${width}px ${pitch}px)`;
