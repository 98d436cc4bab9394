// What colour stands for: the service, or any other text of the spans. A trace with
// another grouping shares every column with the one it was made from.
import { POINT_NAMES, SOURCE_NAMES } from './model';
import type { TextColumn, Trace } from './model';

/** Fields to colour by, in the order they are offered; those of the frame that are not ours follow. */
const FIELDS: ReadonlyArray<[field: string, words: string, column?: TextColumn]> = [
  ['service', 'Service'],
  ['namespace', 'Namespace', 'namespace'],
  ['node', 'Node', 'node'],
  ['pod', 'Pod', 'pod'],
  ['protocol', 'Protocol', 'protocol'],
  ['status', 'Status', 'status'],
  ['source', 'Source'],
  ['point', 'Observation point'],
  ['kind', 'Span kind', 'kind'],
  ['tunnel', 'Tunnel', 'tunnel'],
  ['client', 'Client', 'client'],
  ['server', 'Server', 'server'],
];

/** The fields that have a value in this trace, with their names for people. */
export function groupings(t: Trace): Array<[field: string, words: string]> {
  const some = (values: ArrayLike<string>) => {
    for (let i = 0; i < t.length; i++) {
      if (values[i]) {
        return true;
      }
    }
    return false;
  };
  const known = FIELDS.filter(([, , column]) => !column || some(t.text[column])).map(([field, words]) => [field, words] as [string, string]);
  return [...known, ...Object.keys(t.extra).filter((name) => some(t.extra[name])).map((name) => [name, name] as [string, string])];
}

/** Whether a trace has the field itself; other fields are attributes, which are asked for. */
export const isField = (t: Trace, field: string): boolean => FIELDS.some(([name]) => name === field) || Object.hasOwn(t.extra, field);

/** The trace with one more field, its values by the spans' ids. */
export const withColumn = (t: Trace, field: string, values: Record<string, string>): Trace => ({
  ...t,
  extra: { ...t.extra, [field]: Array.from(t.text.id, (id) => (Object.hasOwn(values, id) ? values[id] : '')) },
});

/** The trace coloured by another field; an unknown field is the service. */
export function groupBy(t: Trace, field: string): Trace {
  const values = valuesOf(t, field);
  if (!values) {
    return t.groupBy === 'service' ? t : { ...t, group: t.service, groups: t.services, groupBy: 'service' };
  }
  const numbers = new Map<string, number>();
  const group = new Int32Array(t.length);
  for (let i = 0; i < t.length; i++) {
    const name = values(i);
    let number = numbers.get(name);
    if (number === undefined) {
      numbers.set(name, (number = numbers.size));
    }
    group[i] = number;
  }
  return { ...t, group, groups: [...numbers.keys()], groupBy: field };
}

/** What colours stand for in a trace, and how many spans have each, the most first. */
export function groupCounts(t: Trace): Array<[name: string, spans: number]> {
  const counts = new Uint32Array(t.groups.length);
  t.group.forEach((g) => counts[g]++);
  return Array.from(counts, (n, g): [string, number] => [t.groups[g], n]).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function valuesOf(t: Trace, field: string): ((i: number) => string) | undefined {
  if (field === 'source') {
    return (i) => SOURCE_NAMES[t.source[i]];
  }
  if (field === 'point') {
    return (i) => POINT_NAMES[t.point[i]];
  }
  if (field === 'pod') {
    return (i) => t.text.pod[i] || t.text.ofPod[i]; // a packet is seen beside a pod, not in it
  }
  const column = FIELDS.find(([name]) => name === field)?.[2];
  const values = column ? t.text[column] : Object.hasOwn(t.extra, field) ? t.extra[field] : undefined;
  return values && ((i) => values[i]);
}
