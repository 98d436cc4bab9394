// Numbers as people read them. Times are nanoseconds.

export function formatTime(ns: number): string {
  const a = Math.abs(ns);
  if (a < 1) {
    return '0 µs';
  }
  if (a < 1e3) {
    return `${Math.round(ns)} ns`;
  }
  if (a < 9.995e3) {
    return `${(ns / 1e3).toFixed(1)} µs`;
  }
  if (a < 999.5e3) {
    return `${Math.round(ns / 1e3)} µs`;
  }
  if (a < 999.95e6) {
    return `${(ns / 1e6).toFixed(a < 9.995e6 ? 2 : 1)} ms`;
  }
  return `${(ns / 1e9).toFixed(2)} s`;
}

/** A difference: always with its sign. */
export const signedTime = (ns: number): string => (ns === 0 ? '±0' : `${ns > 0 ? '+' : '−'}${formatTime(Math.abs(ns))}`);

export function formatShare(part: number, whole: number): string {
  const percent = whole > 0 ? (part / whole) * 100 : 0;
  return percent >= 0.05 ? `${percent.toFixed(1)}%` : percent > 0 ? '<0.1%' : '0%';
}

/** A point on the time axis, with as many digits as the distance of two marks needs. */
export function formatAxis(ns: number, step: number): string {
  const [unit, name] = Math.abs(ns) >= 1e9 || step >= 1e9 ? [1e9, 's'] : Math.abs(ns) >= 1e6 || step >= 1e6 ? [1e6, 'ms'] : step >= 1e3 || Math.abs(ns) >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step / unit) - 1e-9)));
  return `${(ns / unit).toFixed(digits)} ${name}`;
}

export const formatCount = (n: number): string => n.toLocaleString('en');

export const plural = (n: number, one: string, many = `${one}s`): string => `${formatCount(n)} ${n === 1 ? one : many}`;

/** The distance of marks on an axis: 1, 2 or 5 times a power of ten. */
export function axisStep(span: number, marks: number): number {
  const want = Math.max(1e-9, span / Math.max(1, marks));
  const power = 10 ** Math.floor(Math.log10(want));
  return [1, 2, 5, 10].map((k) => k * power).find((step) => step >= want * (1 - 1e-9)) ?? 10 * power;
}
