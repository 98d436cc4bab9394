// Bars without text, written straight into pixels, because 100,000 calls of fillRect are
// what makes such a picture slow. Texture draws all bars so; the other densities those
// that are too narrow for words. Of bars that share a pixel the longest wins it.
import { firstAboveNear } from '../trace/bisect';
import { sliceAfter } from '../trace/slices';
import { mix } from './colour';
import { inksOf, NO_INK } from './ink';
import { firstEnding, firstRow } from './rows';
import type { Scene } from './scene';
import { Layer } from '../trace/model';
import { PAD } from './scale';

interface RasterView {
  /** Time at the left and right end of the scale. */
  from: number;
  to: number;
  width: number;
  /** Height of the picture and pixels scrolled, both in layout pixels. */
  height: number;
  top: number;
  ratio: number;
  dim: Uint8Array | null;
  /** Bars of this many layout pixels and more are left to others. */
  below: number;
}

/** Bars of one pixel that are looked at one by one before the rest is skipped. */
const CROWD = 24;
/** Below this width, in layout pixels, a bar has one tone. */
const SLICED = 3;
const ORIGIN = 3; // least size of the mark where an error starts

/** Paints the bars; returns how many were drawn. */
export function paintTexture(pixels: Uint32Array, scene: Scene, v: RasterView): number {
  const { trace, slices } = scene.analysis;
  const { layout, palette, texture } = scene;
  const { start, end } = trace;
  const { order, rowY, rowHeight, rowStart, from, to } = layout;
  const { of: inks, even } = inksOf(scene);
  const { dim, ratio } = v;
  const wide = Math.round(v.width * ratio);
  const high = Math.round(v.height * ratio);
  const tones = trace.groups.map((name) => scene.tones.of(name));
  const strands = trace.groups.map((name) => scene.tones.strand(name));
  // Four colours per group: full and waiting, of processes and of packets; and one of time waited for a peer.
  const colours = new Uint32Array(tones.length * 4);
  tones.forEach((tone, g) => colours.set([texture ? tone.textureSelf : tone.self, texture ? tone.textureWait : tone.wait, strands[g].self, strands[g].wait].map(pack), g * 4));
  const peers = tones.map((tone) => pack(mix(texture ? tone.textureSelf : tone.self, texture ? tone.textureWait : tone.wait, 0.5)));
  const perTime = ((v.width - 2 * PAD) / (v.to - v.from)) * ratio;
  const left = PAD * ratio - v.from * perTime;
  const perPixel = 1 / perTime;
  const timeAt = (x: number) => (x - left) * perPixel;
  const [first, last] = [timeAt(-1), timeAt(wide + 1)];
  const below = v.below * ratio;
  let drawn = 0;

  const fill = (x0: number, x1: number, y0: number, y1: number, colour: number) => {
    for (let y = y0; y < y1; y++) {
      const at = y * wide;
      if (x1 - x0 > 24) {
        pixels.fill(colour, at + x0, at + x1);
      } else {
        for (let x = at + x0; x < at + x1; x++) {
          pixels[x] = colour; // a call of fill costs more than a few pixels
        }
      }
    }
  };

  for (let row = firstRow(layout, v.top - 24); row < rowY.length && rowY[row] <= v.top + v.height; row++) {
    const y0 = Math.max(0, Math.round((rowY[row] - v.top) * ratio));
    const bottom = Math.min(high, Math.round((rowY[row] + rowHeight[row] - v.top) * ratio));
    const stop = rowStart[row + 1];
    for (let k = firstEnding(layout, row, first); k < stop; ) {
      if (from[k] > last) {
        break;
      }
      if (inks[k] === NO_INK) {
        k++; // a bar of many is not for this
        continue;
      }
      let best = k;
      const x0 = left + from[k] * perTime;
      let x1 = left + to[k] * perTime;
      const pixel = Math.floor(x0);
      k++;
      if (x1 - x0 < 1) {
        // All that begin in this pixel and are as narrow: the longest stands for them.
        const bound = timeAt(pixel + 1);
        let most = to[best] - from[best];
        for (let seen = 0; k < stop && from[k] < bound; k++) {
          const time = to[k] - from[k];
          if (time >= perPixel) {
            break;
          }
          if (time > most) {
            most = time;
            best = k;
          }
          if (++seen >= CROWD) {
            k = firstAboveNear(to, bound, k, stop, 16);
            break;
          }
        }
        const ink = inks[best];
        if (pixel >= 0 && pixel < wide && even[row] && dim === null && ink !== NO_INK) {
          const colour = colours[ink];
          for (let at = y0 * wide + pixel; at < bottom * wide; at += wide) {
            pixels[at] = colour;
          }
          drawn++;
          continue;
        }
        x1 = pixel + 1;
      } else if (x1 - x0 >= below) {
        continue;
      }
      // Both edges to the nearest pixel: else a bar's width would change as it moves.
      const left0 = x1 - x0 < 1 ? pixel : Math.round(x0);
      const a = left0 < 0 ? 0 : left0;
      const b = Math.min(wide, Math.max(a + 1, Math.round(x1)));
      const y1 = even[row] ? bottom : Math.min(high, Math.round((rowY[row] + layout.height[order[best]] - v.top) * ratio));
      const ink = inks[best];
      if (y1 <= y0 || a >= wide || ink === NO_INK) {
        continue;
      }
      let full = colours[ink & ~1];
      let rest = colours[ink | 1];
      if (dim !== null && dim[order[best]]) {
        full = faint(full);
        rest = faint(rest);
      }
      const sliced = x1 - x0 > SLICED * ratio;
      fill(a, b, y0, y1, sliced || ink & 1 ? rest : full);
      drawn++;
      if (!sliced) {
        continue;
      }
      const i = order[best];
      for (let s = sliceAfter(slices, i, first); s < slices.first[i + 1] && slices.from[s] < last; s++) {
        const sx0 = left + slices.from[s] * perTime;
        const sx1 = left + slices.to[s] * perTime;
        if (sx1 - sx0 > 0.7) {
          const tone = slices.layer[s] !== Layer.Waiting ? full : dim !== null && dim[i] ? faint(peers[ink >> 2]) : peers[ink >> 2];
          const x = Math.round(sx0);
          fill(Math.max(0, x), Math.min(wide, Math.max(x + 1, Math.round(sx1))), y0, y1, tone);
        }
      }
    }
  }
  paintOrigins();
  return drawn;

  // Merging must not hide where an error starts.
  function paintOrigins(): void {
    const error = pack(palette.errorLine);
    for (const i of scene.analysis.origins) {
      const y = (layout.y[i] - v.top) * ratio;
      const x0 = Math.floor(left + start[i] * perTime);
      const x1 = Math.round(left + end[i] * perTime);
      if (layout.y[i] < 0 || y > high || y < -24 * ratio || x0 > wide || x1 < 0 || x1 - x0 >= below) {
        continue;
      }
      const h = Math.max(ORIGIN, layout.height[i]) * ratio;
      const y1 = Math.min(high, Math.round(y + h));
      const y0 = texture ? y : y + h - ORIGIN * ratio; // bars that can be told apart have an edge only
      fill(Math.max(0, x0), Math.min(wide, Math.max(x0 + ORIGIN, x1)), Math.max(0, Math.round(y0)), y1, error);
    }
  }
}

// Pixels are little-endian: alpha, blue, green, red.
function pack(hex: string): number {
  const v = parseInt(hex.slice(1), 16);
  return ((255 << 24) | ((v & 0xff) << 16) | (v & 0xff00) | (v >> 16)) >>> 0;
}

const faint = (colour: number): number => ((colour & 0xffffff) | (60 << 24)) >>> 0;
