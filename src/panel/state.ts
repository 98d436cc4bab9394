// What the user has chosen. One reducer, so that "one step back" is in one place.
import type { Density } from '../trace/layout';
import type { SpanEvent } from '../trace/events';
import type { Highlight } from '../canvas/scene';

export const TABS = [
  ['flame', 'Flame'],
  ['waterfall', 'Waterfall'],
  ['services', 'Services'],
  ['hops', 'Hop path'],
  ['requests', 'Requests'],
  ['compare', 'Compare'],
  ['json', 'JSON'],
] as const;
export type Tab = (typeof TABS)[number][0];

/** Which of APP, SYS and NET are shown. */
export type Sources = readonly [boolean, boolean, boolean];

export interface ViewState {
  tab: Tab;
  sources: Sources;
  /** What colour stands for; see trace/group.ts. */
  colourBy: string;
  /** Services whose spans are left out. */
  hidden: ReadonlySet<string>;
  /** One bar for each visit of a service. */
  perService: boolean;
  /** Which menu of the toolbar is open. */
  menu: '' | 'view' | 'export';
  /** auto: the panel's choice, see trace/arrange.ts. */
  density: Density | 'auto';
  /** First spans of the groups of alike spans that are open. */
  openGroups: ReadonlySet<number>;
  selected: number;
  /** Row of the subtree shown alone, -1 for the whole trace. */
  focus: number;
  collapsed: ReadonlySet<number>;
  /** Calls whose hops the waterfall shows one by one. */
  openCalls: ReadonlySet<number>;
  query: string;
  /** Which of the hits is the current one, -1 for none. */
  hit: number;
  range: readonly [number, number] | null;
  onlyGroup: string;
  /** Pinned by a click on a layer; `pointed` follows the pointer. */
  pinned: Highlight | null;
  pointed: Highlight | null;
  critical: boolean;
  /** Call shown in the hop path, -1 for the one with most time on the way. */
  call: number;
  /** Which event of the selected span the keyboard is on, -1 for none. */
  event: number;
  /** Events of the selected span, from its details. */
  events: { row: number; list: readonly SpanEvent[] } | null;
  keysOpen: boolean;
}

/** Traces with more spans are not drawn bar by bar unless asked for. */
export const TEXTURE_FROM = 5000;

export const initialState = (spans: number, selected = -1): ViewState => ({
  tab: 'flame',
  sources: [true, true, true],
  colourBy: 'service',
  hidden: new Set(),
  perService: false,
  menu: '',
  density: spans > TEXTURE_FROM ? 'auto' : 'strands',
  openGroups: new Set(),
  selected,
  focus: -1,
  collapsed: new Set(),
  openCalls: new Set(),
  query: '',
  hit: -1,
  range: null,
  onlyGroup: '',
  pinned: null,
  pointed: null,
  critical: false,
  call: -1,
  event: -1,
  events: null,
  keysOpen: false,
});

export type Action =
  | { type: 'set'; change: Partial<ViewState> }
  | { type: 'fold'; row: number }
  | { type: 'openCall'; call: number }
  | { type: 'openGroup'; first: number }
  | { type: 'hide'; service: string }
  | { type: 'colourBy'; field: string }
  | { type: 'find'; query: string }
  | { type: 'onlyGroup'; group: string }
  | { type: 'pin'; highlight: Highlight }
  | { type: 'back' };

export function reduce(state: ViewState, action: Action): ViewState {
  switch (action.type) {
    case 'set':
      // Another span has other events.
      return { ...state, ...('selected' in action.change && action.change.selected !== state.selected ? { event: -1 } : {}), ...action.change };
    case 'fold':
      return { ...state, collapsed: toggled(state.collapsed, action.row) };
    case 'openCall':
      return { ...state, openCalls: toggled(state.openCalls, action.call) };
    case 'openGroup':
      return { ...state, openGroups: toggled(state.openGroups, action.first) };
    case 'hide':
      return { ...state, hidden: toggled(state.hidden, action.service) };
    case 'colourBy':
      return { ...state, colourBy: action.field, onlyGroup: '' }; // it was a name of the other field
    case 'find':
      return { ...state, query: action.query, hit: -1 };
    case 'onlyGroup':
      return { ...state, onlyGroup: state.onlyGroup === action.group ? '' : action.group };
    case 'pin':
      return { ...state, pinned: state.pinned?.layer === action.highlight.layer ? null : action.highlight };
    case 'back':
      return { ...state, ...oneStepBack(state) };
  }
}

/** True when `back` would change something; else Esc zooms out. */
export const canGoBack = (state: ViewState): boolean => Object.keys(oneStepBack(state)).length > 0;

function oneStepBack(s: ViewState): Partial<ViewState> {
  if (s.menu) {
    return { menu: '' };
  }
  if (s.keysOpen) {
    return { keysOpen: false };
  }
  if (s.range) {
    return { range: null };
  }
  if (s.selected >= 0) {
    return { selected: -1 };
  }
  if (s.query) {
    return { query: '', hit: -1 };
  }
  if (s.pinned || s.onlyGroup) {
    return { pinned: null, onlyGroup: '' };
  }
  if (s.focus >= 0) {
    return { focus: -1 };
  }
  return s.hidden.size > 0 || s.perService ? { hidden: new Set(), perService: false } : {};
}

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) {
    next.add(value);
  }
  return next;
}
