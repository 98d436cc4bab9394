// What is left out of the picture, and what is folded. Times are always of the whole
// trace: leaving a span out does not change who held the time.
import { callerOf } from './hops';
import { serviceOf, Source } from './model';
import type { Trace } from './model';

/**
 * 1 for each span that is left out: those of hidden services (a network span belongs to
 * its caller) and, with one bar per service, all but a service's first span of each
 * visit. Null when nothing is.
 */
export function hiddenSpans(t: Trace, services: ReadonlySet<string>, perService: boolean): Uint8Array | null {
  if (services.size === 0 && !perService) {
    return null;
  }
  const hidden = new Uint8Array(t.length);
  const within = new Int32Array(t.length); // number of the service a span runs in, -1 for none
  for (const i of t.order) {
    const network = t.source[i] === Source.Net;
    const p = t.parent[i];
    const outer = p < 0 ? -1 : within[p];
    within[i] = network || serviceOf(t, i) === '' ? outer : t.service[i];
    const leaveOut = services.size > 0 && services.has(serviceOf(t, network ? callerOf(t, i) : i));
    hidden[i] = leaveOut || (perService && (network || within[i] === outer)) ? 1 : 0;
  }
  return hidden;
}

/** What is left out, and all that is neither a match nor above one; nothing more where nothing matches. */
export function hiddenButMatches(t: Trace, hidden: Uint8Array | null, matches: Uint8Array): Uint8Array | null {
  const kept = matches.slice();
  for (let k = t.length - 1; k >= 0; k--) {
    const i = t.order[k];
    if (kept[i] && t.parent[i] >= 0) {
      kept[t.parent[i]] = 1;
    }
  }
  return kept.includes(1) ? kept.map((keep, i) => (keep && !hidden?.[i] ? 0 : 1)) : hidden;
}

/** Rows to fold so that only so many levels of the tree are left; an empty set shows all. */
export function foldedBelow(t: Trace, levels: number): ReadonlySet<number> {
  const folded = new Set<number>();
  for (const i of t.order) {
    if (t.depth[i] === levels - 1 && t.childStart[i + 1] > t.childStart[i]) {
      folded.add(i);
    }
  }
  return folded;
}

/** Levels of the tree. */
export const levelsOf = (t: Trace): number => t.depth.reduce((most, d) => Math.max(most, d + 1), 0);
