// What a page asks its worker, and what it answers. Traces are known by numbers.
import type { ArrangeOptions, Arrangement } from '../arrange';
import type { Clocks } from '../clocks';
import type { FrameLike } from '../columns';
import type { Compared } from '../compare';
import type { ComparedHalf, ComparedOptions } from '../compareLayout';
import type { BareAnalysis, BareUsual } from './handover';

export interface Questions {
  read: { trace: number; frame: FrameLike; clocks: Clocks };
  arrange: { trace: number; options: ArrangeOptions };
  usual: { trace: number };
  compare: { there: There; here: number };
  place: { there: There; here: number; options: ComparedOptions };
}

/** What is compared with: another trace, or the same one as it usually is. */
export type There = number | 'usual';

export interface Answers {
  read: BareAnalysis;
  /** Without the times of spans where they are the trace's own. */
  arrange: Omit<Arrangement, 'start' | 'end'> & Partial<Pick<Arrangement, 'start' | 'end'>>;
  /** Null where no median is known of what held the time. */
  usual: BareUsual | null;
  compare: Compared;
  place: [ComparedHalf, ComparedHalf];
}

export type Kind = keyof Questions;
export type Question = { [K in Kind]: { kind: K } & Questions[K] }[Kind];

export type ToWorker = { kind: 'ask'; id: number; question: Question } | { kind: 'forget'; trace: number };

export type FromWorker = { kind: 'ready' } | { kind: 'answer'; id: number; answer: Answers[Kind] } | { kind: 'failed'; id: number; message: string };
