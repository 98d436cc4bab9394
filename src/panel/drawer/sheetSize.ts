// How much of the stage the details take: a width beside its end, a height in a narrow panel. It
// is a habit of who reads, so the browser keeps it, for all traces and panels.
import { useCallback, useState } from 'react';
import type { Size } from '../../canvas/scale';

/** Below this width the details are a sheet at the bottom. */
export const NARROW = 620;

interface Limits {
  least: number;
  most: number;
  /** Where nobody has chosen. */
  usual: number;
}

/** Pixels that a sheet may take of a stage; a size of 0 is not known yet. */
function limitsOf({ width, height }: Size, atBottom: boolean): Limits {
  const [least, room, usual] = atBottom ? [90, height > 0 ? height - 60 : Infinity, Math.round(height * 0.56)] : [260, width > 0 ? width - 140 : Infinity, 384];
  const most = Math.max(least, room);
  return { least, most, usual: clamped(usual, least, most) };
}

const clamped = (size: number, least: number, most: number): number => Math.max(least, Math.min(most, size));

const KEY = 'throughline.details';

interface Kept {
  width?: number;
  height?: number;
}

function kept(): Kept {
  try {
    const { width, height } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Kept;
    return { ...(Number.isFinite(width) && { width }), ...(Number.isFinite(height) && { height }) };
  } catch {
    return {}; // nothing that is ours, or a browser that keeps nothing
  }
}

/** The sheet's size within its limits, and a way to choose another; undefined is the usual one again. */
export function useSheetSize(room: Size, atBottom: boolean): { size: number; limits: Limits; choose: (size: number | undefined) => void } {
  const [chosen, setChosen] = useState(kept);
  const side = atBottom ? 'height' : 'width';
  const limits = limitsOf(room, atBottom);
  const { least, most, usual } = limits;
  const choose = useCallback(
    (size: number | undefined) => {
      const next = { ...kept(), [side]: size === undefined ? undefined : Math.round(clamped(size, least, most)) };
      setChosen(next);
      try {
        localStorage.setItem(KEY, JSON.stringify(next));
      } catch {
        // It holds until the page is left.
      }
    },
    [side, least, most]
  );
  return { size: clamped(chosen[side] ?? usual, least, most), limits, choose };
}
