// The geometry of the duration heatmap: time to the right, durations upwards on a logarithmic
// scale.
import { type DataFrame } from '@grafana/data';

export interface Cell {
  from: number; // Unix ms
  to: number;
  min: number; // ns
  max: number;
  count: number;
}

export interface Extent {
  from: number;
  to: number;
  min: number;
  max: number;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The cells of a frame of type heatmap-cells: xMax (time), yMin, yMax (ns), count. */
export function cellsOf(frame?: DataFrame): Cell[] {
  const column = (name: string): number[] => frame?.fields.find((f) => f.name === name)?.values ?? [];
  const [x, min, max, count] = ['xMax', 'yMin', 'yMax', 'count'].map(column);
  const step = Number((frame?.meta?.custom as { stepMs?: number } | undefined)?.stepMs) || 60_000;
  return x.flatMap((to, i) =>
    count[i] > 0 ? [{ from: to - step, to, min: min[i], max: max[i], count: count[i] }] : []
  );
}

/** What the axes show: the whole range of time, and all durations that there are. */
export function extentOf(cells: Cell[], from: number, to: number): Extent {
  let min = Infinity;
  let max = 0;
  for (const c of cells) {
    min = Math.min(min, c.min);
    max = Math.max(max, c.max);
  }
  return max > 0 ? { from, to, min: Math.max(1, min), max } : { from, to, min: 1e3, max: 1e9 };
}

const log = (v: number) => Math.log2(Math.max(1, v));

export class Plane {
  constructor(
    readonly extent: Extent,
    readonly width: number,
    readonly height: number
  ) {}

  x(time: number): number {
    const { from, to } = this.extent;
    return ((time - from) / (to - from)) * this.width;
  }

  y(duration: number): number {
    const { min, max } = this.extent;
    return (1 - (log(duration) - log(min)) / (log(max) - log(min) || 1)) * this.height;
  }

  time(x: number): number {
    const { from, to } = this.extent;
    return from + (x / this.width) * (to - from);
  }

  duration(y: number): number {
    const { min, max } = this.extent;
    return 2 ** (log(min) + (1 - y / this.height) * (log(max) - log(min)));
  }

  box(c: Extent): Box {
    const [x, right] = [Math.max(0, this.x(c.from)), Math.min(this.width, this.x(c.to))];
    const [y, bottom] = [this.y(c.max), this.y(c.min)];
    return { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) };
  }

  /** What lies between two points: drawn from any corner, kept inside the axes. */
  between(x1: number, y1: number, x2: number, y2: number): Extent {
    const inX = (x: number) => Math.min(this.width, Math.max(0, x));
    const inY = (y: number) => Math.min(this.height, Math.max(0, y));
    return {
      from: Math.round(this.time(inX(Math.min(x1, x2)))),
      to: Math.round(this.time(inX(Math.max(x1, x2)))),
      min: Math.floor(this.duration(inY(Math.max(y1, y2)))),
      max: Math.ceil(this.duration(inY(Math.min(y1, y2)))),
    };
  }

  /** The durations to label: powers of ten. */
  ticks(): number[] {
    const out: number[] = [];
    for (let v = 10 ** Math.ceil(Math.log10(this.extent.min)); v <= this.extent.max; v *= 10) {
      out.push(v);
    }
    return out;
  }
}

/** How dark a cell is, 0.15 to 1: rare ones must be seen, they are what one looks for. */
export const shade = (count: number, most: number) => 0.15 + 0.85 * (Math.log(1 + count) / Math.log(1 + most));

/** A duration as a query takes it: "1.5ms". */
export function durationText(ns: number): string {
  for (const [unit, size] of [
    ['s', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ] as const) {
    if (ns >= size) {
      return `${Number((ns / size).toPrecision(4))}${unit}`;
    }
  }
  return `${Math.round(ns)}ns`;
}

const units: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Nanoseconds of "1.5ms", 0 where it is none. */
export function nanoseconds(text: string): number {
  const [, n, unit] = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)$/.exec(text.trim()) ?? [];
  return n ? Number(n) * units[unit] : 0;
}
