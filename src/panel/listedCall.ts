import type { Ladder } from '../trace/calls';

/** A call in the list of the hop path. */
export interface ListedCall {
  call: number;
  ladder: Ladder;
  /** Kernel, queue and network, both ways. */
  onTheWay: number;
}
