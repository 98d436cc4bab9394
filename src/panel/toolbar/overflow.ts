// What of a row has no room moves into a menu, the least wanted first.

export interface Measured {
  key: string;
  /** Pixels, with the gap beside it. */
  width: number;
}

/**
 * Keys of what has no room. The most wanted comes first, and nothing less wanted stays beside what
 * has moved: so what is where depends on the width alone. `menu` is the width of the button that
 * is there when something has moved.
 */
export function movedItems(wanted: readonly Measured[], room: number, menu: number): Set<string> {
  const all = wanted.reduce((sum, { width }) => sum + width, 0);
  if (all <= room) {
    return new Set();
  }
  let left = room - menu;
  const first = wanted.findIndex(({ width }) => (left -= width) < 0);
  return new Set(wanted.slice(first < 0 ? wanted.length : first).map(({ key }) => key));
}
