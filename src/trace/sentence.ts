// The answer in one sentence: the largest part of the time, and where it was. The server
// says it for the whole trace; this says it for a marked range, in the same words.
import { describeHold, ownerGroup, type Hold } from './breakdown';
import { formatTime } from './format';
import { firstEndingAfter, type Holders } from './holder';
import { Layer, Source } from './model';
import type { Trace } from './model';
import { rowOfSlice, type Slices } from './slices';

/** All time that the same words describe, in whichever spans it was. */
export interface WordedPart {
  time: number;
  text: string;
  bySpan: Map<number, number>;
  /** Of network time: packets that were sent again on the way, by span. */
  resent: Map<number, number>;
  /** The longest stretch of it: where to look. */
  longest: Hold;
}

const PREFIX = ['', '', 'network, ', ''] as const;

/** The parts of a range by what they were, the largest first. */
export function wordedParts(t: Trace, s: Slices, h: Holders, from = -Infinity, to = Infinity): { parts: WordedPart[]; total: number } {
  const bySlice = new Map<string, WordedPart>();
  let total = 0;
  for (let k = firstEndingAfter(h, from); k < h.length && h.from[k] < to; k++) {
    const [a, b] = [Math.max(from, h.from[k]), Math.min(to, h.to[k])];
    const [span, slice] = [h.span[k], h.slice[k]];
    const layer = s.layer[slice] as Layer;
    const text = PREFIX[layer] + describeHold(t, s, { span, slice, layer });
    let part = bySlice.get(text);
    if (!part || b - a > part.longest.to - part.longest.from) {
      const longest = { span, slice, layer, from: a, to: b, group: ownerGroup(t, s, span, slice) };
      part = part ?? { time: 0, text, bySpan: new Map<number, number>(), resent: new Map<number, number>(), longest };
      part.longest = longest;
      bySlice.set(text, part);
    }
    part.time += b - a;
    const row = rowOfSlice(s, slice, span);
    part.bySpan.set(row, (part.bySpan.get(row) ?? 0) + b - a);
    if (layer === Layer.Network && t.meta.resent.size > 0) {
      const seen = [row, s.before[slice], s.after[slice]].map((i) => t.meta.resent.get(i) ?? 0);
      part.resent.set(row, Math.max(part.resent.get(row) ?? 0, ...seen));
    }
    total += b - a;
  }
  return { parts: [...bySlice.values()].sort((a, b) => b.time - a.time), total };
}

export function sentenceOf(t: Trace, s: Slices, h: Holders, from = -Infinity, to = Infinity): string {
  const { parts, total } = wordedParts(t, s, h, from, to);
  if (parts.length === 0) {
    return '';
  }
  const [largest] = parts;
  const [longest] = [...largest.bySpan].reduce((a, b) => (b[1] > a[1] ? b : a));
  const name = t.source[longest] === Source.App ? t.text.name[longest] : t.text.request[longest];
  const spans = largest.bySpan.size;
  const where = spans > 1 ? `, in ${spans} spans${name ? `, most in ${name}` : ''}` : name ? `, ${name}` : '';
  const resent = [...largest.resent.values()].reduce((a, b) => a + b, 0);
  const again = resent > 0 ? `, ${resent} ${resent > 1 ? 'retransmissions' : 'retransmission'}` : '';
  return `${formatTime(largest.time)} of ${formatTime(total)}: ${largest.text}${where}${again}`;
}

/**
 * The part that a sentence is about: the server's sentence may be of times it aligned in
 * another way, so its words decide and not the size.
 */
export const partOf = (parts: readonly WordedPart[], sentence: string): WordedPart | undefined =>
  parts.filter((part) => sentence.includes(part.text)).sort((a, b) => b.text.length - a.text.length)[0] ?? parts[0];
