// What every part of the panel draws from, so that it is not handed down through all.
import { createContext, useContext } from 'react';
import type { Tones } from '../canvas/colour';
import type { Palette } from '../canvas/theme';
import type { Viewport } from '../canvas/viewport';
import type { Analysis } from '../trace/analysis';
import type { Arrangement } from '../trace/arrange';
import type { Actions } from './state/actions';
import type { ViewState } from './state/view';

export interface TraceView {
  analysis: Analysis;
  layout: Arrangement;
  palette: Palette;
  tones: Tones;
  viewport: Viewport;
  state: ViewState;
  /** Every change of the state, by name. */
  act: Actions;
  /** Selects a row and, where asked, brings it into view. */
  select: (row: number, reveal?: boolean) => void;
  zoomTo: (row: number) => void;
  /** Shows the subtree of a row alone, -1 for the whole trace. */
  focusSubtree: (row: number) => void;
  /** To the view before (-1) or after (1), out of a subtree and into it; false where there is none. */
  travel: (by: -1 | 1) => boolean;
  /** Opens a group of alike spans in place, or closes it. */
  toggleGroup: (group: number) => void;
}

export const TraceContext = createContext<TraceView | null>(null);

/** Id of the element that shows the chosen view. */
export const StageId = createContext('');

export function useTrace(): TraceView {
  const view = useContext(TraceContext);
  if (!view) {
    throw new Error('a part of the trace panel was used outside of it');
  }
  return view;
}
