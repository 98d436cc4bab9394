// Find: words are ANDed. Plain text in name, service, node, interface, point; `>5ms`,
// `<100us`; `error`, `inferred`, `orphan`; `a:` `s:` `n:` for a layer.
import { Confidence, isOrphan, POINT_NAMES, serviceOf, SOURCE_MARKS } from './model';
import type { Trace } from './model';

type Test = (t: Trace, i: number) => boolean;

const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

function wordTest(word: string): Test {
  const compare = /^([<>])(\d+(?:\.\d+)?)(ns|us|µs|ms|s)?$/.exec(word);
  if (compare) {
    const limit = Number(compare[2]) * UNITS[compare[3] ?? 'ms'];
    return compare[1] === '>' ? (t, i) => t.end[i] - t.start[i] > limit : (t, i) => t.end[i] - t.start[i] < limit;
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

const ID = /^[0-9a-f]{6,16}$/;

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
  const byId = ID.test(word);
  return (t, i) => {
    const { name, request, node, pod, ofPod, interface: nic, protocol, id } = t.text;
    return (
      has(name[i]) || has(request[i]) || has(serviceOf(t, i)) || has(POINT_NAMES[t.point[i]]) || has(node[i]) ||
      has(pod[i]) || has(ofPod[i]) || has(nic[i]) || has(protocol[i]) || (byId && id[i].includes(word))
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
