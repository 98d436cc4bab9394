// What is said of a bar of many alike spans.
import { membersOf, type Alike } from './alike';
import { foldName } from './fold';
import { formatCount, formatTime } from './format';
import { labelOf, sublabelOf } from './label';
import { POINT_NAMES, serviceOf, Source, type Trace } from './model';

const DIGIT = /\d/;

const known = new WeakMap<Alike, Map<number, [label: string, sublabel: string]>>();

/** Its name and what belongs to it: as they are where all have the same, else with digits folded. */
export function groupLabels(t: Trace, a: Alike, g: number): [label: string, sublabel: string] {
  let labels = known.get(a);
  if (!labels) {
    known.set(a, (labels = new Map()));
  }
  let found = labels.get(g);
  if (!found) {
    const members = membersOf(a, g);
    const same = (of: (i: number) => string): string => {
      const first = of(members[0]);
      // Alike spans of a service differ in digits only: without any there is nothing to compare.
      if (!DIGIT.test(first) && serviceOf(t, members[0]) !== '') {
        return first;
      }
      return members.every((i) => of(i) === first) ? first : foldName(first);
    };
    const net = t.source[members[0]] === Source.Net;
    // Packets have no service, and only the request's name is said of them.
    found = net
      ? [`${POINT_NAMES[t.point[members[0]]]} packets`, foldName(sublabelOf(t, members[0]))]
      : [same((i) => labelOf(t, i)), same((i) => sublabelOf(t, i))];
    labels.set(g, found);
  }
  return found;
}

export const groupCount = (a: Alike, g: number): number => a.memberStart[g + 1] - a.memberStart[g];

/** The figures of a group for one line, from all of them to the fewest. */
export function groupFigures(a: Alike, g: number): string[] {
  const [held, p50, p99, max] = [a.held[g], a.p50[g], a.p99[g], a.max[g]].map(formatTime);
  const failed = a.failed[g] > 0 ? [`! ${formatCount(a.failed[g])}`] : [];
  const peak = `${formatCount(a.peak[g])} at once`;
  return [
    [`holds ${held}`, `p50 ${p50}`, `p99 ${p99}`, `max ${max}`, ...failed, peak],
    [`holds ${held}`, `p50 ${p50}`, `max ${max}`, ...failed],
    [`holds ${held}`, ...failed],
    failed,
  ].map((parts) => parts.join('   '));
}
