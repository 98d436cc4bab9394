// A figure as Grafana writes it ("0.0667 req/s", "4.5 ms", "<1%"), back as a number in the unit
// of the data: nanoseconds, requests per second, share.
const SIZES = { '': 1, ns: 1, µs: 1e3, ms: 1e6, s: 1e9, min: 60e9, 'req/s': 1, 'K req/s': 1e3, 'M req/s': 1e6, '%': 0.01 };

export function figure(text) {
  const [, number, unit] = /^(-?[\d.]+)\s*(.*)$/.exec(text.trim()) ?? [];
  if (!(unit in SIZES)) {
    throw new Error(`no figure: ${JSON.stringify(text)}`);
  }
  return Number(number) * SIZES[unit];
}

/** Whether the text says the value, as precise as three digits are. */
export const says = (text, value) => Math.abs(figure(text) - value) <= 0.006 * Math.abs(value);
