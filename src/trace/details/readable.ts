// A value as people read it: a number with the unit that its key names, JSON with a line for
// each member, SQL with one for each clause.
import { formatTime } from '../format';
import { formatSql, isSql } from './sql';

interface Readable {
  text: string;
  /** A block of lines keeps them; a line is broken where there is no room. */
  block: boolean;
  /** The value as it was sent, where the text is another. */
  raw?: string;
}

const IN_NANOSECONDS: ReadonlyArray<[key: RegExp, factor: number]> = [
  [/(?:^|[._])(?:ns|nanos|nanoseconds)$|^(?:duration|response|requestEnd)$/, 1],
  [/(?:^|[._])(?:us|micros|microseconds)$/, 1e3],
  [/(?:^|[._])(?:ms|millis|milliseconds)$/, 1e6],
  [/(?:^|[._])(?:seconds|secs)$/, 1e9],
];
const BYTES = /(?:^|[._])(?:bytes|content_length|content_length_uncompressed)$|(?:body|request|response|envelope|message|payload|file|object|header)s?[._](?:body[._])?size$|^(?:requestSize|responseSize)$/;
const UNIX_NANOSECONDS = /^(?:startNs|endNs)$|(?:^|[._])(?:unix_nano|time_unix_nano)$/;
const STATEMENT = /^db\.(?:query\.text|statement)$|^resource$/;

export function readable(key: string, value: unknown): Readable {
  if (value === null || value === undefined) {
    return { text: '', block: false };
  }
  if (typeof value === 'object') {
    return ofObject(value);
  }
  const raw = String(value);
  if (typeof value === 'boolean') {
    return { text: raw, block: false };
  }
  const n = typeof value === 'number' || /^\d{1,30}$/.test(raw) ? Number(value) : NaN;
  if (Number.isFinite(n)) {
    const words = withUnit(key, n, raw);
    return words && words !== raw ? { text: words, block: false, raw } : { text: raw, block: false };
  }
  if (STATEMENT.test(key) && isSql(raw)) {
    const text = formatSql(raw);
    return text === raw ? { text, block: true } : { text, block: true, raw };
  }
  const parsed = parseObject(raw);
  if (parsed !== undefined) {
    const { text, block } = ofObject(parsed);
    return text === raw ? { text, block } : { text, block, raw };
  }
  return { text: raw, block: /[\n\t]/.test(raw) };
}

function withUnit(key: string, n: number, raw: string): string | undefined {
  if (UNIX_NANOSECONDS.test(key)) {
    return unixTime(raw);
  }
  const time = IN_NANOSECONDS.find(([pattern]) => pattern.test(key));
  if (time) {
    return formatTime(n * time[1]);
  }
  return BYTES.test(key) ? formatBytes(n) : undefined;
}

export function formatBytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let k = 0;
  while (Math.abs(n) >= 999.5 && k < units.length - 1) {
    n /= 1000;
    k++;
  }
  return `${k === 0 ? n : n.toFixed(Math.abs(n) < 9.95 ? 1 : 0)} ${units[k]}`;
}

// To the microsecond, in UTC; a number cannot hold more of it.
function unixTime(raw: string): string | undefined {
  if (!/^\d{16,19}$/.test(raw)) {
    return undefined;
  }
  const micros = raw.slice(0, -3);
  const date = new Date(Number(micros.slice(0, -3)));
  return Number.isNaN(date.getTime()) ? undefined : `${date.toISOString().replace('T', ' ').slice(0, -1)}${micros.slice(-3)} UTC`;
}

/** Longer lists are not parsed: they are shown as they came. */
const LONGEST = 1_000_000;

function parseObject(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text) || text.length > LONGEST) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

const isScalar = (v: unknown): boolean => v === null || typeof v !== 'object';

// A short list of scalars is a line; all else has a line for each member.
function ofObject(value: object): Readable {
  if (Array.isArray(value) && value.every(isScalar)) {
    const line = value.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))).join(', ');
    if (line.length <= 120 && !/[\n\t]/.test(line)) {
      return { text: line, block: false, raw: JSON.stringify(value) };
    }
  }
  return { text: JSON.stringify(value, null, 2), block: true };
}
