// What is to be told beside the parts of the time: work after the answer, tries, failures,
// clocks that contradict each other. By the rules of pkg/trace/{async,retry,failed,skew}.go.
import { spoken, spokenName, type Scope } from './equal';
import { isAsynchronous, Source, type Trace } from './model';

/** A service's work that nobody waited for. Times in ns, from the trace's start. */
export interface Async {
  service: string;
  name: string;
  count: number;
  time: number;
  /** Of time, after the answer. */
  after: number;
  start: number;
  row: number;
}

/** Work that was done again because it failed; row is the first try. */
interface Retry {
  service: string;
  name: string;
  peer: string;
  tries: number;
  failed: number;
  row: number;
  parent: number;
}

interface Failure {
  service: string;
  name: string;
  message: string;
  row: number;
}

/** A clock that contradicts another: that of `of` is ahead by `time`. */
export interface Skew {
  of: string;
  against: string;
  time: number;
  aligned: boolean;
  row: number;
}

export interface Beside {
  async: Async[];
  retries: Retry[];
  /** Where errors begin; the first is the cause of the root's failure, else the earliest. */
  errors: { count: number; first?: Failure };
  skew: Skew[];
}

/** What SDKs lose of a time: JavaScript's cut starts to whole milliseconds. */
const ROUNDING = 1e6;
const MAX_TRIES = 50;
const MAX_RETRIES = 20;

export const besideOf = (t: Trace, rows: Int32Array, scope: Scope): Beside => ({
  async: scope.whole ? asyncOf(t, rows, scope) : [],
  retries: retriesOf(t, rows, scope),
  errors: errorsOf(t, rows, scope),
  skew: skewOf(t, rows),
});

type Interval = [from: number, to: number];

function asyncOf(t: Trace, rows: Int32Array, { to }: Scope): Async[] {
  const all = new Map<string, Async & { ran: Interval[]; most: number }>();
  for (let k = 1; k < rows.length; ) {
    const i = rows[k];
    if (t.source[i] !== Source.App || (!isAsynchronous(t, i) && t.end[i] <= to + ROUNDING)) {
      k++;
      continue;
    }
    const service = t.text.owner[i];
    const work = all.get(service) ?? { service, name: '', count: 0, time: 0, after: 0, start: t.start[i], row: i, ran: [], most: -1 };
    all.set(service, work);
    work.count++;
    work.start = Math.min(work.start, t.start[i]);
    const ran: Interval[] = [];
    do {
      ran.push([t.start[rows[k]], t.end[rows[k]]]);
      k++;
    } while (k < rows.length && t.depth[rows[k]] > t.depth[i]);
    const { time } = covered(ran, to);
    if (time > work.most) {
      Object.assign(work, { most: time, name: spokenName(t, i), row: i });
    }
    for (const interval of ran) {
      work.ran.push(interval);
    }
  }
  return [...all.values()]
    .map(({ ran, most: _, ...work }) => {
      const { time, late } = covered(ran, to);
      return { ...work, time, after: late };
    })
    .sort((a, b) => b.after - a.after || b.time - a.time || (a.service < b.service ? -1 : 1));
}

function covered(list: Interval[], after: number): { time: number; late: number } {
  let [time, late, until] = [0, 0, -Infinity];
  for (const [start, to] of [...list].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(start, until);
    if (to > from) {
      time += to - from;
      late += Math.max(0, to - Math.max(from, after));
      until = to;
    }
  }
  return { time, late };
}

function retriesOf(t: Trace, rows: Int32Array, scope: Scope): Retry[] {
  const key = (i: number) => `${t.parent[i]}\n${t.text.owner[i]}\n${tried(t, i)}`;
  const siblings = new Map<string, number[]>();
  const app = (i: number, k: number) => k > 0 && t.source[i] === Source.App;
  rows.forEach((i, k) => app(i, k) && t.error[i] && siblings.set(key(i), []));
  if (siblings.size === 0) {
    return [];
  }
  rows.forEach((i, k) => {
    const list = app(i, k) ? siblings.get(key(i)) : undefined;
    if (list && list.length <= MAX_TRIES) {
      list.push(i);
    }
  });
  return [...siblings.values()]
    .flatMap((list) => {
      const failed = failedTries(t, list, scope);
      const row = list[0];
      return failed > 0 ? [{ service: t.text.owner[row], name: spoken(tried(t, row)), peer: t.text.peer[row], tries: list.length, failed, row, parent: t.parent[row] }] : [];
    })
    .sort((a, b) => a.row - b.row)
    .slice(0, MAX_RETRIES);
}

// As span.AsksByMethod of the plugin.
const asksByMethod = (protocol: string): boolean => protocol === 'HTTP' || protocol === 'FastCGI';

const tried = (t: Trace, i: number): string => (asksByMethod(t.text.protocol[i]) && t.text.request[i]) || t.text.name[i];

// How often siblings failed, if they are one thing that is tried again: one after the other,
// and each but the last failed. 0 if not. Puts them in order of time.
function failedTries(t: Trace, list: number[], { from, to }: Scope): number {
  if (list.length < 2 || list.length > MAX_TRIES) {
    return 0;
  }
  list.sort((a, b) => t.start[a] - t.start[b]);
  const apart = list.every((i, n) => n === 0 || t.start[i] >= t.end[list[n - 1]] - ROUNDING);
  const again = list.every((i, n) => t.error[i] || n === list.length - 1);
  const inside = t.start[list[0]] <= to && t.end[list[list.length - 1]] >= from;
  return apart && again && inside ? list.filter((i) => t.error[i]).length : 0;
}

function errorsOf(t: Trace, rows: Int32Array, scope: Scope): Beside['errors'] {
  let [count, first] = [0, -1];
  for (let k = rows.length - 1; k >= 0; k--) {
    const i = rows[k];
    if (!t.origin[i] || t.start[i] > scope.to || t.end[i] < scope.from) {
      continue;
    }
    count++;
    if (first < 0 || t.start[i] < t.start[first]) {
      first = i;
    }
  }
  if (first < 0) {
    return { count };
  }
  const row = scope.whole && t.error[scope.root] ? causeOf(t, scope.root) : first;
  return { count, first: { service: t.text.owner[row], name: spokenName(t, row), message: t.text.message[row], row } };
}

/** Follows a failure down to where it began: to the child that failed last. */
function causeOf(t: Trace, root: number): number {
  let i = root;
  for (;;) {
    let next = -1;
    for (let k = t.childStart[i]; k < t.childStart[i + 1]; k++) {
      const child = t.children[k];
      if (t.error[child] && (next < 0 || t.end[child] > t.end[next] || (t.end[child] === t.end[next] && child < next))) {
        next = child;
      }
    }
    if (next < 0) {
      return i;
    }
    i = next;
  }
}

function skewOf(t: Trace, rows: Int32Array): Skew[] {
  const found = new Map<string, Skew>();
  const skewed = new Set(t.meta.skewed);
  for (const i of rows.subarray(1)) {
    const p = t.parent[i];
    const [mine, its] = [t.text.node[i], t.text.node[p]];
    if (mine !== its && skewed.has(mine) !== skewed.has(its)) {
      const [of, against] = skewed.has(its) ? [its, mine] : [mine, its];
      if (of && against && !found.has(`${of}\n${against}`)) {
        found.set(`${of}\n${against}`, { of, against, time: (t.meta.offsets[of] ?? 0) - (t.meta.offsets[against] ?? 0), aligned: t.meta.aligned, row: i });
      }
      continue;
    }
    const time = aheadOf(t, i, p);
    if (time !== undefined) {
      const [of, against] = [t.text.owner[i], t.text.owner[p]];
      const old = found.get(`${of}\n${against}`);
      if (!old || Math.abs(time) > Math.abs(old.time)) {
        found.set(`${of}\n${against}`, { of, against, time, aligned: false, row: i });
      }
    }
  }
  return [...found.values()].sort((a, b) => a.row - b.row);
}

// By how much a callee's clock is ahead, where its span begins before its caller's, or only
// after it although the caller had its answer.
function aheadOf(t: Trace, i: number, p: number): number | undefined {
  if (t.source[i] !== Source.App || t.source[p] !== Source.App || t.text.kind[i] !== 'SERVER' || (t.gap[i] === 0 && t.service[i] === t.service[p])) {
    return undefined;
  }
  const early = t.start[i] < t.start[p] - ROUNDING;
  const late = t.start[i] > t.end[p] + ROUNDING && !t.error[p];
  return early || late ? Math.trunc((t.start[i] + t.end[i]) / 2) - Math.trunc((t.start[p] + t.end[p]) / 2) : undefined;
}
