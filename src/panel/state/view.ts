// What the user has chosen. Rows are of the trace that is shown; when another reading of it
// comes, carry.ts finds them again.
import type { Density } from '../../trace/layout';
import type { SpanEvent } from '../../trace/events';
import type { DragMode } from '../../canvas/pointer';
import type { Highlight } from '../../canvas/scene';
import { DEFAULT_CHOICES, type Choices } from './choices';

export interface ViewState extends Choices {
  /** Services whose spans are left out. */
  hidden: ReadonlySet<string>;
  /** One bar for each visit of a service. */
  perService: boolean;
  /** Which menu of the toolbar is open. */
  menu: '' | 'view' | 'export' | 'parts' | 'more';
  /** First spans of the groups of alike spans that are open. */
  openGroups: ReadonlySet<number>;
  selected: number;
  /** Row of the subtree shown alone, -1 for the whole trace. */
  focus: number;
  collapsed: ReadonlySet<number>;
  /** Calls whose hops the waterfall shows one by one. */
  openCalls: ReadonlySet<number>;
  range: readonly [number, number] | null;
  onlyGroup: string;
  /** Pinned by a click on a layer; what the pointer is on is in hover.ts. */
  pinned: Highlight | null;
  critical: boolean;
  /** Call shown in the hop path, -1 for the one with most time on the way. */
  call: number;
  /** Which event of the selected span the keyboard is on, -1 for none. */
  event: number;
  /** Events of the selected span, from its details. */
  events: { row: number; list: readonly SpanEvent[] } | null;
  keysOpen: boolean;
  /** Of which spans it is told in what they differ, '' for none. */
  differing: '' | 'alike' | 'range' | 'found';
  /** What a plain drag on the graph does. */
  drag: DragMode;
}

/** Traces with more spans are not drawn bar by bar unless asked for. */
export const TEXTURE_FROM = 5000;

/** How a trace of so many spans is drawn: texture is for what has no room for bars. */
export function densityOf(chosen: Choices['density'], spans: number): Density | 'auto' {
  const small = spans <= TEXTURE_FROM;
  return small && (chosen === 'auto' || chosen === 'texture') ? 'strands' : chosen;
}

export const initialView = (choices: Partial<Choices> = {}, selected = -1): ViewState => ({
  ...DEFAULT_CHOICES,
  ...choices,
  hidden: new Set(),
  perService: false,
  menu: '',
  openGroups: new Set(),
  selected,
  focus: -1,
  collapsed: new Set(),
  openCalls: new Set(),
  range: null,
  onlyGroup: '',
  pinned: null,
  critical: false,
  call: -1,
  event: -1,
  events: null,
  keysOpen: false,
  differing: '',
  drag: 'pan',
});
