// The details lie over the stage, so that opening them moves nothing. They lie where what is
// selected stays in sight.
import type { Size } from '../../canvas/scale';

/** The right or the bottom; the left or the top. */
export type Side = 'end' | 'start';

/** Pixels of the stage. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** So much of it is enough to see it. */
const ENOUGH = 24;

/** Side for a sheet of a size: the one it is on, unless it covers the box there and less on the other. At the top there is `head` above it. */
export function sideFor(box: Box, room: Size, sheet: number, atBottom: boolean, now: Side, head = 0): Side {
  const [from, to, all] = atBottom ? [box.top, box.bottom, room.height] : [box.left, box.right, room.width];
  const seen = (side: Side) => {
    const [a, b] = side === 'end' ? [0, all - sheet] : [sheet + (atBottom ? head : 0), all];
    return Math.max(0, Math.min(to, b) - Math.max(from, a));
  };
  const other: Side = now === 'end' ? 'start' : 'end';
  const visible = Math.min(to, all) - Math.max(from, 0);
  return seen(now) >= Math.min(ENOUGH, visible) || seen(other) <= seen(now) ? now : other;
}
