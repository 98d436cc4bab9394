// What the user has chosen. One reducer, so that "one step back" is in one place.
import type { Density } from '../trace/layout';
import type { Highlight } from '../canvas/scene';

export const TABS = [
  ['flame', 'Flame'],
  ['waterfall', 'Waterfall'],
  ['services', 'Services'],
  ['hops', 'Hop path'],
  ['json', 'JSON'],
] as const;
export type Tab = (typeof TABS)[number][0];

/** APP only, with SYS, or all. */
export type Depth = 1 | 2 | 3;

export interface ViewState {
  tab: Tab;
  depth: Depth;
  density: Density;
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
  onlyService: string;
  /** Pinned by a click on a layer; `pointed` follows the pointer. */
  pinned: Highlight | null;
  pointed: Highlight | null;
  critical: boolean;
  /** Call shown in the hop path, -1 for the one with most time on the way. */
  call: number;
  keysOpen: boolean;
}

/** Traces with more spans are drawn as texture. */
export const TEXTURE_FROM = 5000;

export const initialState = (spans: number, selected = -1): ViewState => ({
  tab: 'flame',
  depth: 3,
  density: spans > TEXTURE_FROM ? 'texture' : 'strands',
  selected,
  focus: -1,
  collapsed: new Set(),
  openCalls: new Set(),
  query: '',
  hit: -1,
  range: null,
  onlyService: '',
  pinned: null,
  pointed: null,
  critical: false,
  call: -1,
  keysOpen: false,
});

export type Action =
  | { type: 'set'; change: Partial<ViewState> }
  | { type: 'fold'; row: number }
  | { type: 'openCall'; call: number }
  | { type: 'find'; query: string }
  | { type: 'onlyService'; service: string }
  | { type: 'pin'; highlight: Highlight }
  | { type: 'back' };

export function reduce(state: ViewState, action: Action): ViewState {
  switch (action.type) {
    case 'set':
      return { ...state, ...action.change };
    case 'fold':
      return { ...state, collapsed: toggled(state.collapsed, action.row) };
    case 'openCall':
      return { ...state, openCalls: toggled(state.openCalls, action.call) };
    case 'find':
      return { ...state, query: action.query, hit: -1 };
    case 'onlyService':
      return { ...state, onlyService: state.onlyService === action.service ? '' : action.service };
    case 'pin':
      return { ...state, pinned: state.pinned?.layer === action.highlight.layer ? null : action.highlight };
    case 'back':
      return { ...state, ...oneStepBack(state) };
  }
}

/** True when `back` would change something; else Esc zooms out. */
export const canGoBack = (state: ViewState): boolean => Object.keys(oneStepBack(state)).length > 0;

function oneStepBack(s: ViewState): Partial<ViewState> {
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
  if (s.pinned || s.onlyService) {
    return { pinned: null, onlyService: '' };
  }
  return s.focus >= 0 ? { focus: -1 } : {};
}

function toggled(set: ReadonlySet<number>, value: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(value)) {
    next.add(value);
  }
  return next;
}
