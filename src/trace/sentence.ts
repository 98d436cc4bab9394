// The answer in one sentence: the largest part of the time, and where it was. The server
// says it for the whole trace; this says it for a marked range, in the same words.
import { describeHold } from './breakdown';
import { formatTime } from './format';
import { firstEndingAfter, type Holders } from './holder';
import { Layer, Source } from './model';
import type { Trace } from './model';
import type { Slices } from './slices';

interface Part {
  time: number;
  text: string;
  bySpan: Map<number, number>;
}

const PREFIX = ['', '', 'network, ', ''] as const;

export function sentenceOf(t: Trace, s: Slices, h: Holders, from = -Infinity, to = Infinity): string {
  const parts = new Map<string, Part>();
  let total = 0;
  for (let k = firstEndingAfter(h, from); k < h.length && h.from[k] < to; k++) {
    const time = Math.min(to, h.to[k]) - Math.max(from, h.from[k]);
    const layer = s.layer[h.slice[k]] as Layer;
    const text = PREFIX[layer] + describeHold(t, s, { span: h.span[k], slice: h.slice[k], layer });
    const part = parts.get(text) ?? { time: 0, text, bySpan: new Map<number, number>() };
    parts.set(text, part);
    part.time += time;
    part.bySpan.set(h.span[k], (part.bySpan.get(h.span[k]) ?? 0) + time);
    total += time;
  }
  if (parts.size === 0) {
    return '';
  }
  const largest = [...parts.values()].reduce((a, b) => (b.time > a.time ? b : a));
  const [longest] = [...largest.bySpan].reduce((a, b) => (b[1] > a[1] ? b : a));
  const name = t.source[longest] === Source.App ? t.text.name[longest] : t.text.request[longest];
  const spans = largest.bySpan.size;
  const where = spans > 1 ? `, in ${spans} spans${name ? `, most in ${name}` : ''}` : name ? `, ${name}` : '';
  return `${formatTime(largest.time)} of ${formatTime(total)}: ${largest.text}${where}`;
}
