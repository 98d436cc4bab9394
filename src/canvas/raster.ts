// Texture: bars a few pixels high and merged below a pixel. Written straight into pixels,
// because 100,000 calls of fillRect are what makes such a picture slow.
import { Source } from '../trace/model';
import type { Scene } from './scene';
import { visibleBars } from './rows';
import type { Scale } from './scale';

export interface RasterView {
  scale: Scale;
  width: number;
  /** Height of the picture and pixels scrolled, both in layout pixels. */
  height: number;
  top: number;
  ratio: number;
  dim: Uint8Array | null;
}

/** Paints the bars; returns how many were drawn. */
export function paintTexture(pixels: Uint32Array, scene: Scene, v: RasterView): number {
  const { trace, slices } = scene.analysis;
  const { layout, palette } = scene;
  const wide = Math.round(v.width * v.ratio);
  const high = Math.round(v.height * v.ratio);
  const tones = trace.groups.map((name) => scene.tones.of(name));
  const self = Uint32Array.from(tones, (tone) => pack(tone.textureSelf));
  const wait = Uint32Array.from(tones, (tone) => pack(tone.textureWait));
  const strands = trace.groups.map((name) => scene.tones.strand(name));
  const netSelf = Uint32Array.from(strands, (tone) => pack(tone.self));
  const netWait = Uint32Array.from(strands, (tone) => pack(tone.wait));
  const error = pack(palette.errorLine);
  const fill = (x0: number, y0: number, x1: number, y1: number, colour: number) => {
    const left = Math.max(0, Math.floor(x0 * v.ratio));
    const right = Math.min(wide, Math.max(left + 1, Math.round(x1 * v.ratio)));
    const bottom = Math.min(high, Math.round(y1 * v.ratio));
    for (let y = Math.max(0, Math.round(y0 * v.ratio)); y < bottom; y++) {
      const end = y * wide + right;
      if (right - left > 24) {
        pixels.fill(colour, y * wide + left, end);
      } else {
        for (let at = y * wide + left; at < end; at++) {
          pixels[at] = colour; // a call of fill costs more than a few pixels
        }
      }
    }
  };
  const drawn = visibleBars(
    trace,
    layout,
    v.scale,
    v.width,
    v.top - 24,
    v.top + v.height,
    (i, x0, x1, top) => {
      const y = top - v.top;
      const h = layout.height[i];
      const network = trace.source[i] === Source.Net;
      let [full, rest] = network ? [netSelf[trace.group[i]], netWait[trace.group[i]]] : [self[trace.group[i]], wait[trace.group[i]]];
      if (v.dim && v.dim[i]) {
        [full, rest] = [faint(full), faint(rest)];
      }
      const wideEnough = x1 - x0 > 3;
      const busy = slices.own[i] > (trace.end[i] - trace.start[i]) * 0.4;
      fill(x0, y, x1, y + h, wideEnough || !busy ? rest : full);
      for (let k = slices.first[i]; wideEnough && k < slices.first[i + 1]; k++) {
        const [a, b] = [v.scale.x(slices.from[k]), v.scale.x(slices.to[k])];
        if (b - a > 0.7 && b > 0 && a < v.width) {
          fill(a, y, b, y + h, full);
        }
      }
    },
    1
  );
  // Merging must not hide where an error starts.
  for (const i of scene.analysis.origins) {
    if (layout.y[i] >= 0) {
      const x = v.scale.x(trace.start[i]);
      const y = layout.y[i] - v.top;
      fill(x, y, Math.max(x + 3, v.scale.x(trace.end[i])), y + Math.max(3, layout.height[i]), error);
    }
  }
  return drawn;
}

// Pixels are little-endian: alpha, blue, green, red.
function pack(hex: string): number {
  const v = parseInt(hex.slice(1), 16);
  return ((255 << 24) | ((v & 0xff) << 16) | (v & 0xff00) | (v >> 16)) >>> 0;
}

const faint = (colour: number): number => ((colour & 0xffffff) | (60 << 24)) >>> 0;
