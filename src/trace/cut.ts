// Cuts every span's time into its own slices, and says what each of them was.
import { lateBySpan } from './late';
import type { Trace } from './model';
import { Readings } from './reading';
import type { Slices } from './slices';

export function cutSlices(t: Trace): Slices {
  const first = new Int32Array(t.length + 1);
  const own = new Float64Array(t.length);
  const readAs = new Map<number, number>();
  const late = lateBySpan(t);
  const readings = new Readings(t);
  const list = new SliceList(t.length + t.inner.length); // a span with k inner ones has at most k + 1
  for (let i = 0; i < t.length; i++) {
    first[i] = list.length;
    const put = (from: number, to: number, before: number, after: number) => {
      own[i] += to - from;
      for (const one of late.get(i) ?? []) {
        const [a, b] = [Math.max(from, one.from), Math.min(to, one.to)];
        if (a < b) {
          if (from < a) {
            list.put(from, a, before, after, readings.of(i, before, after));
          }
          readAs.set(list.length, one.before);
          list.put(a, b, -1, one.after, readings.of(one.before, -1, one.after));
          from = b;
        }
      }
      if (from < to) {
        list.put(from, to, before, after, readings.of(i, before, after));
      }
    };
    cutOne(t, i, put);
  }
  first[t.length] = list.length;
  const layer = Uint8Array.from(list.reading.subarray(0, list.length), (r) => readings.list[r].layer);
  return { first, own, readAs, layer, readings: readings.list, ...list.columns() };
}

/** The parts of a span that no inner one covers. */
function cutOne(t: Trace, i: number, put: (from: number, to: number, before: number, after: number) => void): void {
  let time = t.start[i];
  let left = -1;
  for (let k = t.innerStart[i]; k < t.innerStart[i + 1]; k++) {
    const child = t.inner[k];
    if (Math.min(t.end[child], t.end[i]) <= Math.max(t.start[child], t.start[i])) {
      continue; // of no length, or wholly outside
    }
    if (t.start[child] > time) {
      put(time, t.start[child], left, child);
    }
    if (t.end[child] > time) {
      time = t.end[child];
      left = child;
    }
  }
  if (t.end[i] > time) {
    put(time, t.end[i], left, -1);
  }
}

/** Columns that grow. */
class SliceList {
  length = 0;
  private from: Float64Array;
  private to: Float64Array;
  private before: Int32Array;
  private after: Int32Array;
  reading: Int32Array;

  constructor(room: number) {
    this.from = new Float64Array(room);
    this.to = new Float64Array(room);
    this.before = new Int32Array(room);
    this.after = new Int32Array(room);
    this.reading = new Int32Array(room);
  }

  put(from: number, to: number, before: number, after: number, reading: number): void {
    if (this.length === this.from.length) {
      this.grow();
    }
    this.from[this.length] = from;
    this.to[this.length] = to;
    this.before[this.length] = before;
    this.after[this.length] = after;
    this.reading[this.length++] = reading;
  }

  columns() {
    const { from, to, before, after, reading, length } = this;
    return { from: from.slice(0, length), to: to.slice(0, length), before: before.slice(0, length), after: after.slice(0, length), reading: reading.slice(0, length) };
  }

  private grow(): void {
    const more = <T extends Float64Array | Int32Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    const room = 2 * this.from.length + 16;
    this.from = more(this.from, new Float64Array(room));
    this.to = more(this.to, new Float64Array(room));
    this.before = more(this.before, new Int32Array(room));
    this.after = more(this.after, new Int32Array(room));
    this.reading = more(this.reading, new Int32Array(room));
  }
}
