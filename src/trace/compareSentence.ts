// The difference of two traces in one sentence, in the words of the sentence of one.
import type { Analysis } from './analysis';
import { describeHold } from './breakdown';
import { difference, isAsLong, type Comparison, type Difference } from './compare';
import { nameIn } from './equal';
import { formatTime } from './format';
import { LAYERS } from './model';

export function compareSentence(c: Comparison, a: Analysis, b: Analysis): string {
  const whole = c.totals[1] - c.totals[0];
  const words = whole > 0 ? 'slower' : 'faster';
  const parts = worded(c, a, b);
  if (isAsLong({ times: c.totals })) {
    return c.differences.length === 0 ? 'No difference: every part took as long' : `As long as each other${parts.length > 0 ? `; ${describe(parts[0])}` : ', in other spans'}`;
  }
  const largest = parts.find((p) => p.time * whole > 0);
  const said = `${formatTime(Math.abs(whole))} ${words}`;
  if (!largest) {
    return said;
  }
  if (Math.abs(largest.time) <= Math.abs(whole)) {
    return `${said}: ${formatTime(Math.abs(largest.time))} of it ${largest.text}`;
  }
  const rest = whole - largest.time;
  return `${said}: ${describe(largest)}, all else ${formatTime(Math.abs(rest))} ${rest > 0 ? 'longer' : 'shorter'}`;
}

interface Worded {
  time: number;
  text: string;
}

const describe = (p: Worded): string => `${formatTime(Math.abs(p.time))} ${p.time > 0 ? 'more' : 'less'} in ${p.text}`;

function worded(c: Comparison, a: Analysis, b: Analysis): Worded[] {
  const longest = [longestByLayer(a), longestByLayer(b)];
  const byText = new Map<string, Worded & { most: number; name: string; spans: number }>();
  for (const d of c.differences) {
    const { text, name } = wordsOf(d, [a, b], longest);
    const known = byText.get(text);
    const size = Math.abs(difference(d));
    if (!known) {
      byText.set(text, { time: difference(d), text, most: size, name, spans: 1 });
      continue;
    }
    known.time += difference(d);
    known.spans++;
    if (size > known.most) {
      known.most = size;
      known.name = name;
    }
  }
  const parts = [...byText.values()].filter((p) => p.time !== 0).sort((x, y) => Math.abs(y.time) - Math.abs(x.time));
  return parts.map(({ time, text, name, spans }) => ({ time, text: `${text}${spans > 1 ? `, in ${spans} spans${name ? `, most in ${name}` : ''}` : name ? `, ${name}` : ''}` }));
}

// In the trace in which it took longer: there is more of it to be told.
function wordsOf(d: Difference, sides: [Analysis, Analysis], longest: Array<Map<number, number>>): { text: string; name: string } {
  const side = d.times[1] >= d.times[0] ? 1 : 0;
  const { trace, slices, holders } = sides[side];
  const row = d.rows[side];
  const slice = holders.slice[longest[side].get(row * LAYERS.length + d.layer)!];
  return { text: describeHold(slices, slice), name: nameIn(trace, row) };
}

/** The longest held segment of each span in each layer. */
function longestByLayer({ slices, holders }: Analysis): Map<number, number> {
  const longest = new Map<number, number>();
  for (let k = 0; k < holders.length; k++) {
    const key = holders.span[k] * LAYERS.length + slices.layer[holders.slice[k]];
    const best = longest.get(key);
    if (best === undefined || holders.to[k] - holders.from[k] > holders.to[best] - holders.from[best]) {
      longest.set(key, k);
    }
  }
  return longest;
}
