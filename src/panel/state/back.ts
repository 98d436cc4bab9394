// "One step back" is in one place: Esc takes back what was done last, as far as that can be
// told by what is open.
import type { ViewState } from './view';

/** What a step back takes away; the selection and the focus are told to others as well. */
type BackStep = 'menu' | 'keys' | 'differing' | 'range' | 'selection' | 'query' | 'highlight' | 'focus' | 'filter';

/** The next step, undefined when nothing is left of them: then Esc zooms out. */
export function backStep(s: ViewState): BackStep | undefined {
  if (s.menu) {
    return 'menu';
  }
  if (s.keysOpen) {
    return 'keys';
  }
  if (s.differing) {
    return 'differing';
  }
  if (s.range) {
    return 'range';
  }
  if (s.selected >= 0) {
    return 'selection';
  }
  if (s.query) {
    return 'query';
  }
  if (s.pinned || s.onlyGroup) {
    return 'highlight';
  }
  if (s.focus >= 0) {
    return 'focus';
  }
  return s.hidden.size > 0 || s.perService ? 'filter' : undefined;
}

const WITHOUT: Record<BackStep, Partial<ViewState>> = {
  menu: { menu: '' },
  keys: { keysOpen: false },
  differing: { differing: '' },
  range: { range: null },
  selection: { selected: -1, event: -1 },
  query: { query: '', matchesOnly: false },
  highlight: { pinned: null, onlyGroup: '' },
  focus: { focus: -1 },
  filter: { hidden: new Set(), perService: false },
};

export function stepBack(s: ViewState): ViewState {
  const step = backStep(s);
  return step ? { ...s, ...WITHOUT[step] } : s;
}
