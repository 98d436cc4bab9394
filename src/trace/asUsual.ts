// The trace as it usually is: the same spans, each holding the time for as long as the
// medians of its kind say. Where no median is known a span is left as it is. It is a trace
// like any other, so it can be compared with the real one, and the differences add up.
import { analyse, type Analysis } from './analysis';
import { firstEndingAfter, type Holders } from './holder';
import type { Trace } from './model';
import { usualOf, usualOwn } from './usual';

export interface Usual {
  analysis: Analysis;
  /** Time of the real trace of which a median is known. */
  known: number;
  /** Median of the whole, -1 where nobody keeps it: the medians of parts need not add up to it. */
  whole: number;
}

/** Null where nothing usual is known of any span that held time. */
export function asUsual(a: Analysis): Usual | null {
  const { trace, slices, holders, held } = a;
  const length = new Float64Array(holders.length);
  const usual = new Map<number, number>();
  let known = 0;
  for (let k = 0; k < holders.length; k++) {
    const i = holders.span[k];
    let own = usual.get(i);
    if (own === undefined) {
      usual.set(i, (own = usualOwn(trace, i)));
      known += own < 0 ? 0 : held.alone[i];
    }
    const now = holders.to[k] - holders.from[k];
    length[k] = own < 0 ? now : Math.round((now * own) / slices.own[i]);
  }
  return known > 0 ? { analysis: analyse(stretched(trace, holders, length)), known, whole: usualOf(trace, trace.main) } : null;
}

// Every time is moved along: what lies within a stretch stays at the same share of it.
function stretched(t: Trace, h: Holders, length: Float64Array): Trace {
  const begins = new Float64Array(h.length + 1);
  begins[0] = h.length > 0 ? h.from[0] : 0;
  for (let k = 0; k < h.length; k++) {
    begins[k + 1] = begins[k] + length[k];
  }
  const last = h.length - 1;
  const move = (time: number): number => {
    if (time <= h.from[0]) {
      return time;
    }
    if (time >= h.to[last]) {
      return begins[last + 1] + time - h.to[last];
    }
    const k = firstEndingAfter(h, time);
    return begins[k] + Math.round(((time - h.from[k]) * length[k]) / (h.to[k] - h.from[k]));
  };
  const [start, end] = [t.start.map(move), t.end.map(move)];
  return { ...t, start, end, from: move(t.from), to: move(t.to) };
}
