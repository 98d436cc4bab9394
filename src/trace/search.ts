// Find: words are ANDed. Plain text in name, request, service, kind, status, message, node, pod,
// interface, point, or an id of the span or its parent; `>=5ms`, `<100us`; `status=ok`,
// `code>=500`; `error`, `inferred`, `orphan`; `a:` `s:` `n:` for a layer.
import { Confidence, isOrphan, POINT_NAMES, serviceOf, SOURCE_MARKS } from './model';
import type { Trace } from './model';

type Test = (t: Trace, i: number) => boolean;

const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9, h: 3600e9 };

type Compare = '>' | '<' | '>=' | '<=' | '=';
const COMPARES: Record<Compare, (a: number, b: number) => boolean> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
};

/** Fields that can be asked for by name: `status=ok`, `code>=500`. */
const FIELDS: Record<string, (t: Trace, i: number) => string | number> = {
  service: serviceOf,
  code: (t, i) => t.code[i],
  point: (t, i) => POINT_NAMES[t.point[i]],
  ...Object.fromEntries((['name', 'request', 'kind', 'status', 'message', 'node', 'pod', 'namespace', 'interface', 'protocol', 'peer', 'rule'] as const).map((name) => [name, (t: Trace, i: number) => t.text[name][i]])),
};

function fieldTest(word: string): Test | undefined {
  const [, name, compare, value] = /^([a-z]+)(>=|<=|=|<|>)(.+)$/.exec(word) ?? [];
  const field = name ? FIELDS[name] : undefined;
  if (!field) {
    return undefined;
  }
  if (compare === '=') {
    return (t, i) => String(field(t, i)).toLowerCase() === value;
  }
  const holds = COMPARES[compare as Compare];
  return (t, i) => holds(Number(field(t, i)), Number(value));
}

function wordTest(word: string): Test {
  const [, compare, number, unit] = /^(>=|<=|=|<|>)(\d+(?:\.\d+)?)(ns|us|µs|ms|s|min|m|h)?$/.exec(word) ?? [];
  if (compare) {
    const limit = Number(number) * UNITS[unit ?? 'ms'];
    const holds = COMPARES[compare as Compare];
    return (t, i) => holds(t.end[i] - t.start[i], limit);
  }
  const byField = fieldTest(word);
  if (byField) {
    return byField;
  }
  switch (word) {
    case 'error':
      return (t, i) => t.error[i] === 1;
    case 'inferred':
      return (t, i) => t.confidence[i] === Confidence.Inferred;
    case 'orphan':
      return isOrphan;
    case 'a:':
    case 's:':
    case 'n:':
      return (t, i) => SOURCE_MARKS[t.source[i]].toLowerCase() === word[0];
  }
  return textTest(word);
}

/** A span's id as other tools write it, dashes and all. */
const ID = /^[0-9a-f][0-9a-f-]{4,}[0-9a-f]$/;

// Names repeat: 100,000 spans have some dozens of them. What was looked at once is known.
function textTest(word: string): Test {
  const known = new Map<string, boolean>();
  const has = (text: string): boolean => {
    let found = known.get(text);
    if (found === undefined) {
      known.set(text, (found = text.toLowerCase().includes(word)));
    }
    return found;
  };
  const id = ID.test(word) ? word.replaceAll('-', '') : undefined;
  const hasId = (t: Trace, i: number): boolean => t.text.id[i].includes(id!) || t.text.spanId[i].toLowerCase().includes(id!);
  return (t, i) => {
    const { name, request, node, pod, ofPod, interface: nic, protocol, kind, status, message, namespace, peer } = t.text;
    return (
      has(name[i]) || has(request[i]) || has(serviceOf(t, i)) || has(POINT_NAMES[t.point[i]]) || has(node[i]) ||
      has(pod[i]) || has(ofPod[i]) || has(nic[i]) || has(protocol[i]) || has(kind[i]) || has(status[i]) || has(message[i]) ||
      has(namespace[i]) || has(peer[i]) || (id !== undefined && (hasId(t, i) || (t.parent[i] >= 0 && hasId(t, t.parent[i]))))
    );
  };
}

export interface Hits {
  /** Rows that match, in pre-order. */
  rows: Int32Array;
  mask: Uint8Array;
}

/** Null when there is nothing to look for. */
export function search(t: Trace, query: string): Hits | null {
  const tests = query.toLowerCase().trim().split(/\s+/).filter(Boolean).map(wordTest);
  if (tests.length === 0) {
    return null;
  }
  const mask = new Uint8Array(t.length);
  const rows = t.order.filter((i) => (mask[i] = tests.every((test) => test(t, i)) ? 1 : 0) === 1);
  return { rows, mask };
}
