import { describe, expect, it } from 'vitest';
import { analyse } from '../trace/analysis';
import { batchFrame } from '../trace/fixture/many';
import { rowOf, webshop } from '../trace/fixture';
import { readTrace } from '../trace/frame';
import { HEIGHTS, layoutTrace } from '../trace/layout';
import { Source, type Trace } from '../trace/model';
import { barAt, calloutAt, eventAt } from './hit';
import { visibleBars } from './rows';
import { Scale } from './scale';

const layoutOf = (t: Trace) =>
  layoutTrace(t, { heights: HEIGHTS.strands, layers: [true, true, true], collapsed: new Set(), focus: -1, ghosts: true, held: analyse(t).held.below });

describe('the pointer on the reference trace', () => {
  const analysis = analyse(webshop());
  const { trace } = analysis;
  const layout = layoutOf(trace);

  it('catches each of the 100 spans in the middle of its bar', () => {
    const scale = new Scale(trace.from, trace.to, 200_000); // wide, so that no bar is below a pixel
    for (let i = 0; i < trace.length; i++) {
      const x = scale.x((trace.start[i] + trace.end[i]) / 2);
      expect(barAt(layout, scale, x, layout.y[i] + layout.height[i] / 2)).toBe(i);
    }
  });

  it('catches a strand of 4 px from a little beside it, and nothing from far', () => {
    const scale = new Scale(trace.from, trace.to, 1600);
    const strand = rowOf(trace, 55);
    expect(trace.source[strand]).toBe(Source.Net);
    const x = scale.x(trace.start[strand]) + 200;
    expect(barAt(layout, scale, x, layout.y[strand] + 6)).toBe(strand);
    expect(barAt(layout, scale, x, layout.y[strand] + 30)).toBe(-1);
  });

  it('answers for the empty space under a long own slice', () => {
    const scale = new Scale(trace.from, trace.to, 1600);
    const strand = rowOf(trace, 55);
    const k = calloutAt(analysis, layout, scale, scale.x(200e6), layout.y[strand] + 20);
    expect(analysis.holders.span[k]).toBe(strand);
    expect(calloutAt(analysis, layout, scale, scale.x(200e6), layout.y[strand] + 200)).toBe(-1);
  });
});

describe('bars in view', () => {
  const trace = readTrace(batchFrame(30_000));
  const layout = layoutOf(trace);

  it('are bounded by pixels, not by spans', () => {
    const width = 60;
    const drawn = visibleBars(layout, new Scale(trace.from, trace.to, width), width, 0, Infinity, () => {});
    expect(drawn).toBeLessThan(layout.rowY.length * width * 2);
    expect(drawn).toBeLessThan(trace.length / 2);
  });

  it('are all of those that reach into a narrow view', () => {
    const width = 800;
    const middle = (trace.from + trace.to) / 2;
    const scale = new Scale(middle, middle + 1e8, width);
    const seen = new Set<number>();
    visibleBars(layout, scale, width, 0, Infinity, (i) => seen.add(i));
    for (let i = 0; i < trace.length; i++) {
      const wide = trace.end[i] - trace.start[i] > 2 * scale.pixel;
      if (wide && trace.end[i] > middle && trace.start[i] < middle + 1e8) {
        expect(seen.has(i)).toBe(true);
      }
    }
  });
});

it('names the event whose mark is nearest to the pointer', () => {
  const trace = webshop();
  const layout = layoutOf(trace);
  const scale = new Scale(trace.from, trace.to, 1000);
  const row = rowOf(trace, 1);
  const events = [50e6, 52e6, 300e6].map((time) => ({ time, name: 'e' }));
  const y = layout.y[row];
  expect(eventAt(layout, row, events, scale, scale.x(50e6) - 2, y)).toBe(0);
  expect(eventAt(layout, row, events, scale, scale.x(52e6) + 3, y + 5)).toBe(1);
  expect(eventAt(layout, row, events, scale, scale.x(300e6) + 9, y)).toBe(-1);
  expect(eventAt(layout, row, events, scale, scale.x(300e6), y + 12)).toBe(-1);
});
