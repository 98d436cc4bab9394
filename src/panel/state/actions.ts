// Everything a user can change, by name. Each is a function of the state alone, so that it can
// be tried without a page.
import type { Highlight } from '../../canvas/scene';
import type { SpanEvent } from '../../trace/events';
import { stepBack } from './back';
import type { Choices, Sources, Tab } from './choices';
import type { ViewState } from './view';

const changes = {
  show: (s: ViewState, tab: Tab) => ({ ...s, tab }),
  /** Takes over what the options or the address say. */
  choose: (s: ViewState, choices: Choices) => ({ ...s, ...choices }),
  select: (s: ViewState, row: number) => ({ ...s, selected: row, event: row === s.selected ? s.event : -1, differing: row === s.selected ? s.differing : ('' as const) }),
  showCall: (s: ViewState, call: number) => ({ ...s, call }),
  showHops: (s: ViewState, call: number) => ({ ...s, tab: 'hops' as const, call }),
  focus: (s: ViewState, row: number) => ({ ...s, focus: row }),
  mark: (s: ViewState, range: ViewState['range']) => ({ ...s, range, differing: range || s.differing !== 'range' ? s.differing : ('' as const) }),
  /** Tells in which attributes spans differ from others. */
  differ: (s: ViewState, differing: ViewState['differing']) => ({ ...s, differing }),

  showSources: (s: ViewState, sources: Sources) => ({ ...s, sources }),
  toggleSplit: (s: ViewState) => ({ ...s, split: !s.split }),
  toggleDrag: (s: ViewState) => ({ ...s, drag: s.drag === 'pan' ? ('zoom' as const) : ('pan' as const) }),
  draw: (s: ViewState, density: Choices['density']) => ({ ...s, density }),
  colourBy: (s: ViewState, field: string) => ({ ...s, colourBy: field, onlyGroup: '' }), // it was a name of the other field
  toggleCritical: (s: ViewState) => ({ ...s, critical: !s.critical }),
  togglePerService: (s: ViewState) => ({ ...s, perService: !s.perService }),
  toggleService: (s: ViewState, service: string) => ({ ...s, hidden: toggled(s.hidden, service) }),
  hideServices: (s: ViewState, services: Iterable<string>) => ({ ...s, hidden: new Set(services) }),

  fold: (s: ViewState, row: number) => ({ ...s, collapsed: toggled(s.collapsed, row) }),
  foldOnly: (s: ViewState, rows: Iterable<number>) => ({ ...s, collapsed: new Set(rows) }),
  toggleCall: (s: ViewState, call: number) => ({ ...s, openCalls: toggled(s.openCalls, call) }),
  toggleGroup: (s: ViewState, first: number) => ({ ...s, openGroups: toggled(s.openGroups, first) }),
  closeGroups: (s: ViewState) => ({ ...s, openGroups: new Set<number>() }),

  find: (s: ViewState, query: string) => ({ ...s, query, matchesOnly: s.matchesOnly && query.trim() !== '', differing: query.trim() !== '' || s.differing !== 'found' ? s.differing : ('' as const) }),
  toggleMatchesOnly: (s: ViewState) => ({ ...s, matchesOnly: !s.matchesOnly }),
  only: (s: ViewState, group: string) => ({ ...s, onlyGroup: s.onlyGroup === group ? '' : group }),
  pin: (s: ViewState, highlight: Highlight) => ({ ...s, pinned: s.pinned?.layer === highlight.layer ? null : highlight }),

  goToEvent: (s: ViewState, event: number) => ({ ...s, event }),
  /** Its details have events that the frame left behind. */
  knowEvents: (s: ViewState, row: number, list: readonly SpanEvent[]) => ({ ...s, events: list.length > 0 ? { row, list } : null }),

  openMenu: (s: ViewState, menu: ViewState['menu']) => ({ ...s, menu }),
  toggleKeys: (s: ViewState) => ({ ...s, keysOpen: !s.keysOpen }),
  back: (s: ViewState) => stepBack(s),
};

type Changes = typeof changes;
export type Actions = { [K in keyof Changes]: Changes[K] extends (s: ViewState, ...rest: infer Rest) => ViewState ? (...rest: Rest) => void : never };

/** The changes as they are called: each tells the state what to become. */
export const bindActions = (update: (change: (s: ViewState) => ViewState) => void): Actions =>
  Object.fromEntries(
    Object.entries(changes as unknown as Record<string, (s: ViewState, ...rest: unknown[]) => ViewState>).map(([name, change]) => [name, (...rest: unknown[]) => update((s) => change(s, ...rest))])
  ) as Actions;

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) {
    next.add(value);
  }
  return next;
}
