// Numbers as people read them. Times are nanoseconds.

/**
 * Three digits and a unit up to two minutes, from there the two largest units: "203 ms",
 * "98.0 s", "2 h 12 min". The backend writes the same (FormatDuration in pkg/trace);
 * testdata/duration.json holds for both.
 */
export function formatTime(ns: number): string {
  if (ns < 0) {
    return `-${formatTime(-ns)}`;
  }
  if (ns >= 119.5e9) {
    return formatLong(Math.floor((ns + 5e8) / 1e9));
  }
  let [unit, name] = [1, 0];
  while (name < UNITS.length - 1 && 2 * ns >= 1999 * unit) {
    unit *= 1000;
    name++;
  }
  const digits = name === 0 || 100 * ns >= 9995 * unit ? 0 : 1000 * ns >= 9995 * unit ? 1 : 2;
  const power = 10 ** digits;
  const n = Math.floor((2 * ns * power + unit) / (2 * unit)); // halves are rounded up, by whole numbers
  return `${Math.floor(n / power)}${digits > 0 ? `.${String(n % power).padStart(digits, '0')}` : ''} ${UNITS[name]}`;
}

const UNITS = ['ns', 'µs', 'ms', 's'] as const;

function formatLong(s: number): string {
  const whole = (by: number) => Math.floor(s / by);
  if (s < 3600) {
    return `${whole(60)} min ${s % 60} s`;
  }
  return s < 48 * 3600 ? `${whole(3600)} h ${Math.floor((s % 3600) / 60)} min` : `${whole(86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** Cuts a text after so many characters, and says so by an ellipsis. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) {
    return text;
  }
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, most).join('')}…`;
}

/** A difference: always with its sign. */
export const signedTime = (ns: number): string => (ns === 0 ? '±0' : `${ns > 0 ? '+' : '−'}${formatTime(Math.abs(ns))}`);

export function formatShare(part: number, whole: number): string {
  const percent = whole > 0 ? (part / whole) * 100 : 0;
  return percent >= 0.05 ? `${percent.toFixed(1)}%` : percent > 0 ? '<0.1%' : '0%';
}

const counts = new Intl.NumberFormat('en'); // once: toLocaleString makes one at each call

export const formatCount = (n: number): string => counts.format(n);

export const plural = (n: number, one: string, many = `${one}s`): string => `${formatCount(n)} ${n === 1 ? one : many}`;
