// Marks on a time axis: how far apart, and what is written at them. Times are nanoseconds.

const [SECOND, MINUTE, HOUR, DAY] = [1e9, 60e9, 3600e9, 86_400e9];

/** From a second on marks are as on a clock. */
const CLOCK = [1, 2, 5, 10, 15, 30].map((s) => s * SECOND).concat([1, 2, 5, 10, 15, 30].map((m) => m * MINUTE), [1, 2, 3, 6, 12].map((h) => h * HOUR), DAY);

/** The distance of marks on an axis: 1, 2 or 5 times a power of ten, of seconds and more as on a clock. */
export function axisStep(span: number, marks: number): number {
  const want = Math.max(1e-9, span / Math.max(1, marks));
  const onClock = want > SECOND / 2 ? CLOCK.find((step) => step >= want * (1 - 1e-9)) : undefined;
  if (onClock) {
    return onClock;
  }
  const unit = want > DAY ? DAY : 1;
  const power = 10 ** Math.floor(Math.log10(want / unit));
  return unit * ([1, 2, 5, 10].map((k) => k * power).find((step) => step >= (want / unit) * (1 - 1e-9)) ?? 10 * power);
}

/** A point on the time axis, with as many digits as the distance of two marks needs. */
export function formatAxis(ns: number, step: number): string {
  if (Math.abs(ns) >= 2 * MINUTE - step / 2 || step >= MINUTE) {
    return formatClock(ns, step);
  }
  const [unit, name] = Math.abs(ns) >= 1e9 || step >= 1e9 ? [1e9, 's'] : Math.abs(ns) >= 1e6 || step >= 1e6 ? [1e6, 'ms'] : step >= 1e3 || Math.abs(ns) >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  return `${(ns / unit).toFixed(digitsOf(step / unit))} ${name}`;
}

const digitsOf = (step: number): number => Math.max(0, Math.min(9, Math.ceil(-Math.log10(step) - 1e-9)));

// "2 h 12 min", "2 h 12 min 34.5 s": down to the unit that tells two marks apart.
function formatClock(ns: number, step: number): string {
  const digits = step < MINUTE ? digitsOf(step / SECOND) : 0;
  const least = step >= DAY ? DAY : step >= HOUR ? HOUR : step >= MINUTE ? MINUTE : SECOND / 10 ** digits;
  let rest = Math.round(Math.abs(ns) / least) * least;
  const parts: string[] = [];
  for (const [unit, name] of [[DAY, 'd'], [HOUR, 'h'], [MINUTE, 'min']] as const) {
    const n = Math.floor(rest / unit + 1e-9);
    rest -= n * unit;
    if (n > 0) {
      parts.push(`${n} ${name}`);
    }
  }
  if (rest > least / 2) {
    parts.push(`${(rest / SECOND).toFixed(digits)} s`);
  }
  return `${ns < 0 ? '−' : ''}${parts.join(' ') || '0'}`;
}
