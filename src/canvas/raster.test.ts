// What the fast painting leaves in the pixels.
import { expect, it } from 'vitest';
import { analyse } from '../trace/analysis';
import { spans } from '../trace/fixture';
import { readTrace } from '../trace/frame';
import { layoutTrace } from '../trace/layout';
import { Tones } from './colour';
import { paintTexture } from './raster';
import { PAD } from './scale';
import { paletteFor } from './theme';

const palette = paletteFor(true);
const WIDTH = 100 + 2 * PAD;

/** Colours of the row of pixels at `y`, of a trace of 100,000 ns: a pixel is 1,000 ns. */
function paint(rows: Array<[number, number, number]>, more: Record<string, unknown[]>, y: number, below = Infinity): string[] {
  const analysis = analyse(readTrace(spans(rows, { missing: rows.map(() => 0), ...more })));
  const layout = layoutTrace(analysis.trace, { heights: { bars: [4, 2, 1], gap: 0 }, layers: [true, true, true], collapsed: new Set(), focus: -1, ghosts: false, held: analysis.held.below });
  const tones = new Tones(analysis.trace.groups, palette);
  const scene = { analysis, layout, texture: true, palette, tones, hits: null, onlyGroup: '', highlight: null, critical: false, collapsed: new Set<number>() };
  const height = 20;
  const pixels = new Uint32Array(WIDTH * height);
  paintTexture(pixels, scene, { from: 0, to: 100_000, width: WIDTH, height, top: 0, ratio: 1, dim: null, below });
  const names = new Map<number, string>([[0, '']]);
  const hex = (v: string) => { const n = parseInt(v.slice(1), 16); return ((255 << 24) | ((n & 0xff) << 16) | (n & 0xff00) | (n >> 16)) >>> 0; };
  for (const [name, tone] of tones.byName) {
    names.set(hex(tone.textureSelf), name.toUpperCase()).set(hex(tone.textureWait), name);
  }
  names.set(hex(palette.errorLine), '!');
  return Array.from(pixels.subarray(y * WIDTH + PAD, y * WIDTH + PAD + 100), (v) => names.get(v) ?? '?');
}

it('paints own time in full tone and waiting in dim tone', () => {
  const row = paint([[-1, 0, 100_000], [0, 20_000, 60_000]], { service: ['a', 'b'] }, 0);
  expect([row[5], row[30], row[80]]).toEqual(['A', 'a', 'A']);
});

it('paints what was waited for a peer in a tone between the two', () => {
  const row = paint([[-1, 0, 100_000], [0, 20_000, 60_000]], { service: ['a', 'b'], kind: ['SERVER', 'CLIENT'], peer: ['', 'db'], peerKind: ['', 'database'] }, 4);
  expect([row[10], row[30], row[70]]).toEqual(['', '?', '']);
});

it('keeps a bar as wide as it is, wherever between two pixels it begins', () => {
  for (let shift = 0; shift < 1000; shift += 100) {
    const row = paint([[-1, 0, 100_000], [0, 20_000 + shift, 60_000 + shift]], { service: ['a', 'b'] }, 4);
    expect(row.filter((c) => c !== '').length, `begun at ${shift}`).toBe(40);
  }
});

it('lets the longest of the bars that share a pixel win it', () => {
  const children: Array<[number, number, number]> = [[0, 50_000, 50_100], [0, 50_200, 50_800], [0, 50_850, 50_900]];
  const row = paint([[-1, 0, 100_000], ...children], { service: ['a', 'b', 'c', 'b'] }, 4);
  expect([row[49], row[50], row[51]]).toEqual(['', 'C', '']);
});

it('shows where an error starts, however short it was', () => {
  const row = paint([[-1, 0, 100_000], [0, 50_000, 50_100], [0, 50_200, 50_900]], { service: ['a', 'b', 'c'], error: [false, true, false] }, 4);
  expect(row.slice(50, 53)).toEqual(['!', '!', '!']);
});

it('leaves wide bars to others where asked', () => {
  const row = paint([[-1, 0, 100_000], [0, 20_000, 60_000], [0, 70_000, 72_000]], { service: ['a', 'b', 'c'] }, 4, 4);
  expect([row[30], row[70], row[71]]).toEqual(['', 'C', 'C']);
});

it('never loses a pixel of a crowd', () => {
  const crowd = Array.from({ length: 5000 }, (_, k) => [0, k * 20, k * 20 + 10] as [number, number, number]);
  const row = paint([[-1, 0, 100_000], ...crowd], { service: ['a', ...crowd.map(() => 'b')] }, 4);
  expect(row.every((c) => c === 'B')).toBe(true);
});
