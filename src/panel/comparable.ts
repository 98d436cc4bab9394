// What a trace may be compared with.
import type { Analysis } from '../trace/analysis';
import type { Candidate, Subject } from './recentTraces';

export interface Comparable {
  /** The other trace, null while there is none. */
  other: Analysis | null;
  /** What went wrong when it was asked for, and whether it is on its way. */
  error?: string;
  loading?: boolean;
  /** Asks for another trace by its id; undefined where nobody can be asked. */
  open?: (id: string) => void;
  /** Recent traces of the same request. */
  recent?: (subject: Subject) => Promise<Candidate[]>;
}

export type With = 'other' | 'usual';
