import { membersOf } from '../../trace/alike';
import type { Arrangement } from '../../trace/arrange';
import { barOf, groupAt, openGroupOf } from '../../trace/layout';
import type { Trace } from '../../trace/model';
import type { Hits } from '../../trace/find/search';
import type { ViewState } from '../state/view';

/** The rows that are meant: of the group of alike spans that the selected one is of, of the marked time, of what is found. */
export function chosenRows(of: ViewState['differing'], t: Trace, layout: Arrangement, { selected, range, hits }: Pick<ViewState, 'selected' | 'range'> & { hits: Hits | null }): ArrayLike<number> & { some: (is: (row: number) => boolean) => boolean } {
  switch (of) {
    case 'alike': {
      const closed = selected < 0 ? -1 : groupAt(layout, barOf(layout, selected));
      const group = closed >= 0 || selected < 0 ? closed : openGroupOf(layout, selected);
      return group < 0 ? [] : membersOf(layout.alike!, group);
    }
    case 'range':
      return range ? Array.from({ length: t.length }, (_, i) => i).filter((i) => t.start[i] < range[1] && t.end[i] > range[0]) : [];
    case 'found':
      return hits?.rows ?? [];
    default:
      return [];
  }
}
