// What must be known beside the answer, in words: the most urgent first.
import type { Async, Beside, Skew } from './beside';
import type { Scope } from './equal';
import { formatTime } from './format';
import type { Trace } from './model';
import { say } from './words';

export interface Remark {
  kind: 'error' | 'retry' | 'async' | 'skew' | 'partial';
  text: string;
  /** Where it shows. */
  row: number;
}

/** How many services, retries or clocks are named. */
const MAX_NAMED = 3;

export function remarksOf(t: Trace, { errors, retries, async, skew }: Beside, scope: Scope): Remark[] {
  const list: Remark[] = [];
  if (errors.first) {
    const { service: who, name, message, row } = errors.first;
    const text = errors.count > 1 ? say('errors', { n: errors.count, who, name }) : say('error', { who, name });
    list.push({ kind: 'error', text: message ? say('message', { text, message }) : text, row });
  }
  for (const { tries: n, failed, name, row } of retries.slice(0, MAX_NAMED)) {
    list.push({ kind: 'retry', text: say(failed === n ? 'tries in vain' : 'tries', { n, name, failed }), row });
  }
  if (async.length > 0) {
    list.push({ kind: 'async', text: say('answer', { time: formatTime(scope.to - scope.from), more: moreWork(async) }), row: async[0].row });
  }
  skew.slice(0, MAX_NAMED).forEach((one) => list.push({ kind: 'skew', text: skewText(one), row: one.row }));
  return [...list, ...partial(t, scope)];
}

function moreWork(async: readonly Async[]): string {
  const said = async.slice(0, MAX_NAMED).map(({ after, time, service: who }) => (after > 0 ? say('more', { time: formatTime(after), who }) : say('beside', { time: formatTime(time), who })));
  if (async.length > MAX_NAMED) {
    const n = async.length - MAX_NAMED;
    said.push(n === 1 ? say('other') : say('others', { n }));
  }
  return said.reduce((a, b) => say('list', { a, b }));
}

function skewText({ of: a, against: b, time, aligned }: Skew): string {
  const text = say(time < 0 ? 'behind' : 'ahead', { a, b, time: formatTime(Math.abs(time)) });
  return say(aligned ? 'aligned' : 'not aligned', { text });
}

function partial(t: Trace, { root, whole }: Scope): Remark[] {
  if (root !== t.main || !whole) {
    return [];
  }
  const list: Remark[] = [];
  const hops = t.missing.reduce((sum, n) => sum + n, 0);
  if (hops > 0) {
    const first = t.missing.findIndex((n) => n > 0);
    list.push({ kind: 'partial', text: hops === 1 ? say('missing hop') : say('missing hops', { n: hops }), row: first });
  }
  const orphans = t.roots.filter((i) => i !== t.main);
  if (orphans.length > 0) {
    list.push({ kind: 'partial', text: orphans.length === 1 ? say('orphan') : say('orphans', { n: orphans.length }), row: Math.min(...orphans) });
  }
  return list;
}
