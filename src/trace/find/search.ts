// Find: which spans the words hold of. What the frame has is looked at here; of attributes,
// resources, scopes and events the frame knows nothing, and the data source answers.
import { Confidence, isOrphan, POINT_NAMES, serviceOf, SOURCE_MARKS } from '../model';
import type { Trace } from '../model';
import { comparison, isExpression } from './comparison';
import { ALSO_STORED, FIELDS } from './fields';
import { filterOf, readWords, type Mark, type Word } from './words';

export interface Hits {
  /** Rows that match, in pre-order. */
  rows: Int32Array;
  mask: Uint8Array;
}

/** A filter that the data source is asked for. */
export interface Question {
  filter: string;
  /** Nothing can be said without the answer. Else it only adds to what the frame shows. */
  needed: boolean;
}

/** Rows that match, 1 for each, by the filter that was asked for. */
export type Answers = ReadonlyMap<string, Uint8Array>;

export interface FindOptions {
  answers?: Answers;
  /** 1 for each span that is slow; see slow.ts. */
  slow?: Uint8Array;
}

type Test = (t: Trace, i: number) => boolean;

/** What must be asked to find by a query, each once. */
export function questionsOf(query: string): Question[] {
  const asked = new Map<string, Question>();
  for (const word of readWords(query)) {
    if (word.kind !== 'mark' && !isOfFrame(word)) {
      const filter = filterOf(word);
      asked.set(filter, { filter, needed: word.kind === 'filter' });
    }
  }
  return [...asked.values()];
}

const isOfFrame = (word: Word): boolean => word.kind === 'filter' && FIELDS.has(word.key) && !isExpression(word.operator);

/** Null when there is nothing to look for. */
export function search(t: Trace, query: string, { answers, slow }: FindOptions = {}): Hits | null {
  const tests = readWords(query).map((word) => testOf(word, answers, slow));
  if (tests.length === 0) {
    return null;
  }
  const mask = new Uint8Array(t.length);
  const rows = t.order.filter((i) => (mask[i] = tests.every((test) => test(t, i)) ? 1 : 0) === 1);
  return { rows, mask };
}

function testOf(word: Word, answers?: Answers, slow?: Uint8Array): Test {
  if (word.kind === 'mark') {
    return word.mark === 'slow' ? (_, i) => slow?.[i] === 1 : MARKED[word.mark];
  }
  const answer = isOfFrame(word) ? undefined : answers?.get(filterOf(word));
  if (word.kind === 'text') {
    const here = textTest(word.text.toLowerCase());
    return answer ? (t, i) => answer[i] === 1 || here(t, i) : here;
  }
  return answer ? (_, i) => answer[i] === 1 : filterTest(word);
}

const MARKED: Record<Exclude<Mark, 'slow'>, Test> = {
  error: (t, i) => t.error[i] === 1,
  inferred: (t, i) => t.confidence[i] === Confidence.Inferred,
  orphan: isOrphan,
  'a:': (t, i) => SOURCE_MARKS[t.source[i]] === 'A',
  's:': (t, i) => SOURCE_MARKS[t.source[i]] === 'S',
  'n:': (t, i) => SOURCE_MARKS[t.source[i]] === 'N',
};

/** A filter on what the frame has; one on anything else finds nothing here. */
function filterTest({ key, operator, value }: Extract<Word, { kind: 'filter' }>): Test {
  const texts = FIELDS.get(key) ?? ALSO_STORED.get(key);
  if (!texts || isExpression(operator)) {
    return () => false;
  }
  const compare = comparison(key, operator, value);
  const holds = key === 'duration' ? compare : remembered(compare);
  const test: Test = (t, i) => texts.some((text) => holds(text(t, i)));
  return operator === '!=' ? (t, i) => !test(t, i) : test;
}

// Names repeat: 100,000 spans have some dozens of them. What was looked at once is known.
function remembered(test: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    let found = known.get(text);
    if (found === undefined) {
      known.set(text, (found = test(text)));
    }
    return found;
  };
}

/** A span's id as other tools write it, dashes and all. */
const ID = /^[0-9a-f][0-9a-f-]{4,}[0-9a-f]$/;

function textTest(word: string): Test {
  const has = remembered((text) => text.toLowerCase().includes(word));
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
