// What the strip of the whole trace costs to paint, and what it must show.
import { expect, it } from 'vitest';
import { analyse } from '../trace/analysis';
import { spans } from '../trace/fixture';
import { readTrace } from '../trace/frame';
import { layoutTrace } from '../trace/layout';
import { Tones } from './colour';
import { MINIMAP, paintMinimap } from './minimap';
import { PAD } from './scale';
import { paletteFor } from './theme';

const WIDTH = 200 + 2 * PAD;

/** The rectangles painted of a trace of 100,000 ns: a pixel is 500 ns. */
function painted(rows: Array<[number, number, number]>): Array<[x: number, y: number, width: number, height: number]> {
  const analysis = analyse(readTrace(spans(rows, { missing: rows.map(() => 0) })));
  const layout = layoutTrace(analysis.trace, { heights: { bars: [16, 12, 8], gap: 1 }, layers: [true, true, true], collapsed: new Set(), focus: -1, ghosts: false, held: analysis.held.below });
  const palette = paletteFor(true);
  const all: Array<[number, number, number, number]> = [];
  const ctx = { fillStyle: '', fillRect: (...r: [number, number, number, number]) => all.push(r) } as unknown as CanvasRenderingContext2D;
  paintMinimap(ctx, { analysis, layout, texture: false, palette, tones: new Tones(analysis.trace.groups, palette), hits: null, onlyGroup: '', highlight: null, critical: false, collapsed: new Set() }, WIDTH);
  return all;
}

it('paints no more than its pixels, however many rows of narrow bars share them', () => {
  const rows: Array<[number, number, number]> = [[-1, 0, 100_000]];
  for (let lane = 0; lane < 100; lane++) {
    for (let k = 0; k < 100; k++) {
      rows.push([0, 1000 * k + lane, 1000 * k + lane + 900]); // 1.8 pixels
    }
  }
  expect(painted(rows).length).toBeLessThan(2 * WIDTH * MINIMAP);
  expect(painted(rows).length).toBeLessThan(rows.length);
});

it('shows a narrow bar that stands alone', () => {
  const at = PAD + 100;
  expect(painted([[-1, 0, 100_000], [0, 50_000, 50_800]]).some(([x, y, width]) => x === at && y > 2 && width < 2)).toBe(true);
});
