// Everything a picture is made from, except what part of it is on screen. A scene is
// never changed: a new one stands for a new picture, so that what was painted for the old
// one can be told by comparing references.
import type { Analysis } from '../trace/analysis';
import { membersOf } from '../trace/alike';
import { ownerGroup } from '../trace/breakdown';
import type { Layout } from '../trace/layout';
import { Layer, groupOf } from '../trace/model';
import type { Hits } from '../trace/find/search';
import type { Tones } from './colour';
import type { Palette } from './theme';

/** What the strip points at: a layer, a group, or both. */
export interface Highlight {
  layer?: Layer;
  group?: string;
}

export interface Scene {
  analysis: Analysis;
  layout: Layout;
  /** Bars a few pixels high, merged, without text. */
  texture: boolean;
  palette: Palette;
  tones: Tones;
  hits: Hits | null;
  /** Only this group in full tone, '' for all. */
  onlyGroup: string;
  highlight: Highlight | null;
  /** Only what holds the time in full tone, with its holds underlined. */
  critical: boolean;
  collapsed: ReadonlySet<number>;
}

const FAINT = 1 / 1000; // share of the trace below which a held slice does not light its bar

/** 1 for each bar to be drawn faintly; null when all are in full tone. */
export function dimmed(s: Omit<Scene, 'palette' | 'tones' | 'texture' | 'collapsed'>): Uint8Array | null {
  const { trace, holders, held } = s.analysis;
  if (!s.hits && !s.onlyGroup && !s.highlight && !s.critical) {
    return null;
  }
  const { alike } = s.layout;
  const dim = new Uint8Array(trace.length + (alike?.count ?? 0));
  if (s.highlight) {
    dim.fill(1);
    const least = (trace.to - trace.from) * FAINT;
    for (let k = 0; k < holders.length; k++) {
      if (holders.to[k] - holders.from[k] > least && matches(s.analysis, holders.span[k], holders.slice[k], s.highlight)) {
        dim[holders.span[k]] = 0;
      }
    }
  }
  for (let i = 0; i < trace.length; i++) {
    if (
      (s.hits && !s.hits.mask[i]) ||
      (s.onlyGroup && groupOf(trace, i) !== s.onlyGroup) ||
      (s.critical && held.alone[i] <= 0)
    ) {
      dim[i] = 1;
    }
  }
  for (let g = 0; alike && g < alike.count; g++) {
    dim[trace.length + g] = membersOf(alike, g).every((i) => dim[i] === 1) ? 1 : 0;
  }
  return dim;
}

/** Whether a held slice belongs to what the strip points at. */
export function matches(a: Analysis, span: number, slice: number, h: Highlight): boolean {
  return (
    (h.layer === undefined || a.slices.layer[slice] === h.layer) &&
    (h.group === undefined || ownerGroup(a.trace, a.slices, span, slice) === h.group)
  );
}
