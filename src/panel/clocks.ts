import type { Clocks } from '../trace/clocks';

/** Whose clocks times are by, and how to change it. */
export interface ClockChoice {
  chosen: Clocks;
  choose: (clocks: Clocks) => void;
}
