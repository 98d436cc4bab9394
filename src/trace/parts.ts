// The account of the time: where it went, part by part, and what else is to be said. The
// backend makes the same of the same rows (pkg/trace/account.go); golden files hold both to
// it. The panel sums for a range or a subtree what the backend summed for the trace.
import { besideOf, type Beside } from './beside';
import { Equals, rowsUnder, type Scope, type Together, type Works } from './equal';
import { formatTime } from './format';
import { firstEndingAfter, type Holders } from './holder';
import { Layer, LAYERS, type Trace } from './model';
import { readingKey, readingText, type Reading } from './reading';
import { remarksOf, type Remark } from './remarks';
import { rowOfSlice, type Slices } from './slices';
import { say } from './words';

type PartKind = 'code' | 'kernel' | 'network' | 'not seen' | 'waiting';
const KINDS: Readonly<Record<Layer, PartKind>> = { 0: 'code', 1: 'kernel', 2: 'network', 3: 'not seen', 4: 'waiting' };

/** The time of equal spans in a part. */
interface Item {
  name: string;
  time: number;
  /** How many equal spans there are, and how many of them hold a good part of the time. */
  count: number;
  held: number;
  together: Together;
  /** Row that holds the most of it. */
  row: number;
}

/** All the time of one kind at one place: who spent it on what, or waited for whom. */
export interface Part {
  key: string;
  kind: PartKind;
  layer: Layer;
  who: string;
  peer: string;
  time: number;
  /** Of the account's duration, 0 to 1. */
  share: number;
  /** How many spans hold it, and the row that holds the most. */
  spans: number;
  row: number;
  /** The longest single stretch of it: where to look. */
  from: number;
  to: number;
  /** Equal spans, most time first. */
  items: Item[];
  more: number;
  retransmissions: number;
  text: string;
}

export interface Account extends Beside {
  /** The sum of the parts. */
  total: number;
  layers: Record<Layer, number>;
  /** Most time first. */
  parts: Part[];
  /** The answer: the largest part and where it is. */
  sentence: string;
  /** What must be known beside it. */
  remarks: Remark[];
}

const MAX_ITEMS = 8;

/** What an account is made from; an Analysis has it. */
interface AccountColumns {
  trace: Trace;
  slices: Slices;
  works: Works;
}

/** The account of the subtree of `root`, whose holders those are, between two times. */
export function accountOf({ trace: t, slices: s, works }: AccountColumns, h: Holders, root: number, from = -Infinity, to = Infinity): Account {
  const layers: Account['layers'] = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 };
  if (root < 0) {
    return { total: 0, layers, parts: [], async: [], retries: [], errors: { count: 0 }, skew: [], sentence: say('no spans'), remarks: [] };
  }
  const begin = Math.min(Math.max(from, t.start[root]), t.end[root]);
  const scope: Scope = { root, from: begin, to: Math.max(Math.min(to, t.end[root]), begin), whole: from === -Infinity && to === Infinity };
  const rows = rowsUnder(t, root);
  const parts = partsOf(t, s, h, scope, new Equals(t, works, rows, scope));
  parts.forEach((part) => (layers[part.layer] += part.time));
  const total = scope.to - scope.from;
  const beside = besideOf(t, rows, scope);
  const sentence = parts.length > 0 ? say('headline', { time: formatTime(parts[0].time), total: formatTime(total), part: parts[0].text }) : say('no time');
  return { total, layers, parts, ...beside, sentence, remarks: remarksOf(t, beside, scope) };
}

/** What one span holds of a part. */
interface Held {
  span: number;
  item: number;
  named: number;
  time: number;
  resent: number;
}

function partsOf(t: Trace, s: Slices, h: Holders, scope: Scope, equals: Equals): Part[] {
  const byReading = new Map<number, { held: Map<number, Map<number, Held>>; longest: { from: number; to: number } }>();
  for (let k = firstEndingAfter(h, scope.from); k < h.length && h.from[k] < scope.to; k++) {
    const [from, to] = [Math.max(scope.from, h.from[k]), Math.min(scope.to, h.to[k])];
    if (to <= from) {
      continue;
    }
    const slice = h.slice[k];
    const row = rowOfSlice(s, slice, h.span[k]);
    const r = s.reading[slice];
    let part = byReading.get(r);
    if (!part) {
      byReading.set(r, (part = { held: new Map(), longest: { from, to } }));
    }
    if (to - from > part.longest.to - part.longest.from) {
      part.longest = { from, to };
    }
    const named = s.readings[r].what === 'before request' ? s.after[slice] : row;
    const item = equals.of[named];
    let spans = part.held.get(item);
    if (!spans) {
      part.held.set(item, (spans = new Map()));
    }
    let one = spans.get(row);
    if (!one) {
      spans.set(row, (one = { span: row, item, named, time: 0, resent: 0 }));
    }
    one.time += to - from;
    if (s.layer[slice] === Layer.Network && t.meta.resent.size > 0) {
      one.resent = Math.max(one.resent, ...[row, s.before[slice], s.after[slice]].map((i) => t.meta.resent.get(i) ?? 0));
    }
  }
  return [...byReading]
    .map(([r, { held, longest }]) => finish(s.readings[r], [...held.values()].map((spans) => [...spans.values()]), longest, scope, equals))
    .sort((a, b) => b.time - a.time || (a.key < b.key ? -1 : 1));
}

/** Describes a part by all that its spans hold. */
function finish(reading: Reading, groups: Held[][], longest: { from: number; to: number }, scope: Scope, equals: Equals): Part {
  const all = groups.flat();
  const most = mostOf(all);
  const time = all.reduce((sum, one) => sum + one.time, 0);
  const items = groups.map((group) => itemOf(group, equals)).sort((a, b) => b.time - a.time || a.row - b.row);
  const total = scope.to - scope.from;
  const part: Part = {
    key: readingKey(reading), kind: KINDS[reading.layer], layer: reading.layer, who: reading.who, peer: reading.peer, time, share: total > 0 ? time / total : 0,
    spans: all.length, row: most.span, ...longest, items: items.slice(0, MAX_ITEMS), more: Math.max(0, items.length - MAX_ITEMS),
    retransmissions: all.reduce((sum, one) => sum + one.resent, 0), text: '',
  };
  part.text = readingText(reading) + detail(part, mainlyOf(all, most)) + again(part.retransmissions);
  return part;
}

const mostOf = (list: readonly Held[]): Held => list.reduce((a, b) => (b.time > a.time || (b.time === a.time && b.span < a.span) ? b : a));

/** How many spans hold a tenth of what the one with the most holds. */
const mainlyOf = (list: readonly Held[], most: Held): number => list.filter((one) => one.time >= Math.floor(most.time / 10)).length;

function itemOf(group: Held[], equals: Equals): Item {
  const most = mostOf(group);
  return {
    ...equals.about(most.named),
    time: group.reduce((sum, one) => sum + one.time, 0), held: mainlyOf(group, most), row: most.span,
  };
}

/** The item that makes most of a part, in words. */
function detail({ items: [item], time }: Part, mainly: number): string {
  const values = { name: item.name, count: item.count, some: item.held, time: formatTime(item.time) };
  if (item.count > 1 && item.name !== '' && item.time * 2 >= time) {
    const some = item.together === 'at once' && item.held < item.count;
    const nearlyAll = item.time * 20 >= time * 19;
    const text = nearlyAll ? say(some ? 'detail some' : 'detail equal', values) : say(some ? 'detail mostly some' : 'detail mostly', values);
    return text + (item.together ? say(item.together) : '');
  }
  if (mainly > 1) {
    return item.name !== '' ? say('detail most', { ...values, count: mainly }) : say('detail spans', { count: mainly });
  }
  return item.name !== '' ? say('detail one', values) : '';
}

const again = (n: number): string => (n === 0 ? '' : n === 1 ? say('retransmission') : say('retransmissions', { n }));

/** Layers that have time, code always. */
export const layersOf = (account: Account): Layer[] => LAYERS.filter((layer) => layer === Layer.Code || account.layers[layer] > 0);
