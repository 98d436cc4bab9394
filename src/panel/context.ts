// What every part of the panel draws from, so that it is not handed down through all.
import { createContext, useContext } from 'react';
import type { Tones } from '../canvas/colour';
import type { Palette } from '../canvas/theme';
import type { Viewport } from '../canvas/viewport';
import type { Analysis } from '../trace/analysis';
import type { Arrangement } from '../trace/arrange';
import type { Action, ViewState } from './state';

export interface TraceView {
  analysis: Analysis;
  layout: Arrangement;
  palette: Palette;
  tones: Tones;
  viewport: Viewport;
  state: ViewState;
  dispatch: (action: Action) => void;
  /** Selects a row and, where asked, brings it into view. */
  select: (row: number, reveal?: boolean) => void;
  zoomTo: (row: number) => void;
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
