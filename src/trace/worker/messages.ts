// What a page asks its worker, and what it answers. Traces are known by numbers.
import type { ArrangeOptions, Arrangement } from '../arrange';
import type { Clocks } from '../clocks';
import type { FrameLike } from '../columns';
import type { BareAnalysis } from './handover';

export interface Questions {
  read: { trace: number; frame: FrameLike; clocks: Clocks };
  arrange: { trace: number; options: ArrangeOptions };
}

export interface Answers {
  read: BareAnalysis;
  /** Without the times of spans where they are the trace's own. */
  arrange: Omit<Arrangement, 'start' | 'end'> & Partial<Pick<Arrangement, 'start' | 'end'>>;
}

export type Kind = keyof Questions;
export type Question = { [K in Kind]: { kind: K } & Questions[K] }[Kind];

export type ToWorker = { kind: 'ask'; id: number; question: Question } | { kind: 'forget'; trace: number };

export type FromWorker = { kind: 'ready' } | { kind: 'answer'; id: number; answer: Answers[Kind] } | { kind: 'failed'; id: number; message: string };
