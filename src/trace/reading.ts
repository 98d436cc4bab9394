// What a slice of a span was: who is on both sides of it decides. The backend reads by the
// same table (pkg/trace/reading.go), and golden files hold both to it. A slice beside a hop
// that somebody looked for and nobody saw is "not seen", never a guess.
import { Layer, Point, POINT_NAMES, Source, type Trace } from './model';
import { say, type Entry } from './words';

export interface Reading {
  layer: Layer;
  what: Entry;
  /** Whose time it is. */
  who: string;
  /** Whom it waits for. */
  peer: string;
  /** Nodes or services in it. */
  a: string;
  b: string;
  tunnel: string;
  missing: number;
}

/** The reading in words. */
export const readingText = ({ what, who, peer, a, b, tunnel, missing }: Reading): string => say(what, { who, peer, a, b, tunnel, n: missing });

/** Names a reading, the same from one trace to the next. */
export const readingKey = (r: Reading): string => [r.what, r.who, r.peer, r.a, r.b, r.tunnel, r.missing].join('|');

const reading = (layer: Layer, what: Entry, who: string, more: Partial<Reading> = {}): Reading => ({ layer, what, who, peer: '', a: '', b: '', tunnel: '', missing: 0, ...more });

/** The readings of a trace's slices, each once. */
export class Readings {
  readonly list: Reading[] = [];
  private readonly known = new Map<string, number>();
  private readonly code = new Map<string, number>();

  constructor(private readonly t: Trace) {}

  /** The number of what a slice of a span was; `before` and `after` are the inner spans beside it, -1 for none. */
  of(span: number, before: number, after: number): number {
    const { t } = this;
    // Nearly all slices of a large trace are plain code: they are told apart by their owner alone.
    if (t.source[span] === Source.App && before < 0 && after < 0 && !calls(t, span)) {
      const who = t.text.owner[span];
      let n = this.code.get(who);
      if (n === undefined) {
        this.code.set(who, (n = this.number(reading(Layer.Code, 'code', who))));
      }
      return n;
    }
    return this.number(read(t, span, before, after));
  }

  private number(r: Reading): number {
    const key = readingKey(r);
    let n = this.known.get(key);
    if (n === undefined) {
      n = this.list.push(r) - 1;
      this.known.set(key, n);
    }
    return n;
  }
}

const calls = (t: Trace, i: number): boolean => t.text.kind[i] === 'CLIENT' || t.text.kind[i] === 'PRODUCER';

function read(t: Trace, span: number, before: number, after: number): Reading {
  const who = t.text.owner[span];
  for (const k of [after, before]) {
    if (k >= 0 && t.missing[k] > 0) {
      return beside(t, span, k, t.missing[k] === 1 ? ['hop between', 'hop beside'] : ['hops between', 'hops beside'], t.missing[k]);
    }
  }
  const kid = after >= 0 ? after : before;
  if (t.source[span] === Source.App) {
    return readCode(t, span, kid, after);
  }
  if (kid < 0 && t.text.peerKind[span] === 'data') {
    const peer = t.text.peer[span];
    return peer ? reading(Layer.Waiting, 'data', who, { peer }) : reading(Layer.Waiting, 'data unknown', who);
  }
  if (t.source[span] === Source.Sys && t.point[span] === Point.ServerProcess) {
    return reading(Layer.Code, kid < 0 ? 'no code spans' : 'outside code spans', who);
  }
  if (kid < 0) {
    const [a, b] = [POINT_NAMES[t.point[span]], t.text.node[span]];
    return b ? reading(Layer.Unseen, 'beyond node', who, { a, b }) : reading(Layer.Unseen, 'beyond', who, { a });
  }
  if (t.gap[kid] > 0) {
    return t.source[span] === Source.Sys && t.source[kid] === Source.Sys
      ? reading(Layer.Waiting, 'way', who, { peer: t.text.owner[kid] })
      : beside(t, span, kid, ['unlooked', 'unlooked beside']);
  }
  if (t.source[span] === Source.Sys) {
    return reading(Layer.Kernel, after >= 0 ? 'send' : 'answer waited', who);
  }
  if (t.source[kid] !== Source.Net) {
    return reading(Layer.Kernel, after >= 0 ? 'request waited' : 'send', t.text.owner[kid]);
  }
  return readWire(t, span, kid, after);
}

// A CLIENT or PRODUCER span is there to wait: for its peer, where nothing ran within it, and
// for the way to a callee's span and back, where nobody looked at the hops.
function readCode(t: Trace, span: number, kid: number, after: number): Reading {
  const who = t.text.owner[span];
  if (calls(t, span) && kid < 0 && t.innerStart[span] === t.innerStart[span + 1]) {
    const peer = t.text.peer[span];
    return peer ? reading(Layer.Waiting, 'peer', who, { peer }) : reading(Layer.Waiting, 'peer unknown', who);
  }
  if (kid >= 0 && t.gap[kid] > 0) {
    if (t.source[kid] !== Source.App) {
      return beside(t, span, kid, ['unlooked', 'unlooked beside']);
    }
    if (calls(t, span)) {
      return reading(Layer.Waiting, 'way', who, { peer: t.text.owner[kid] });
    }
  }
  if (after >= 0 && t.text.kind[span] === 'CLIENT' && t.text.rule[after] === 'trace context') {
    return reading(Layer.Code, 'before request', who);
  }
  return reading(Layer.Code, 'code', who);
}

function readWire(t: Trace, span: number, kid: number, after: number): Reading {
  const who = t.text.owner[span];
  const node = (i: number) => t.text.node[i] || say('unknown node');
  if (t.text.node[span] === t.text.node[kid]) {
    return reading(Layer.Network, 'inside', who, { a: node(span) });
  }
  const tunnel = (t.text.tunnel[span] || t.text.tunnel[kid]).toUpperCase();
  const [a, b] = after >= 0 ? [span, kid] : [kid, span]; // the way there, or back
  return reading(Layer.Network, tunnel ? 'wire tunnel' : 'wire', who, { a: node(a), b: node(b), tunnel });
}

function beside(t: Trace, span: number, kid: number, [two, one]: readonly [Entry, Entry], missing = 0): Reading {
  const [a, b] = [t.text.owner[span], t.text.owner[kid]];
  return a === b ? reading(Layer.Unseen, one, a, { a, missing }) : reading(Layer.Unseen, two, a, { a, b, missing });
}
