// Asks the worker about traces, and answers on the page where there is none: the same
// functions, one question at a time. A worker is made at the first question.
import { analyse, type Analysis, type TraceSource } from '../analysis';
import type { ArrangeColumns, ArrangeOptions, Arrangement } from '../arrange';
import type { Usual } from '../asUsual';
import type { Compared } from '../compare';
import type { ComparedHalf, ComparedOptions } from '../compareLayout';
import { readTrace } from '../frame';
import { Desk } from './desk';
import { memoryOf, slim, usualOfTrace, withTexts } from './handover';
import type { Answers, FromWorker, Kind, Question, There, ToWorker } from './messages';

export type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'>;

/** Traces of more spans are read and laid out beside the page. */
export const LARGE = 20_000;

/** A worker that has not said a word by then is none: scripts of other origins fail in silence. */
const PATIENCE_MS = 4000;

/** Traces that a worker keeps: the one that is shown, its next reading, and one to compare with. */
const KEPT = 3;

interface Asked {
  make: () => Question;
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
}

export class TraceClient {
  private worker: WorkerLike | null = null;
  private desk: Desk | null = null;
  private readonly asked = new Map<number, Asked>();
  private readonly known = new Map<TraceSource, number>(); // the one used last comes last
  private count = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly makeWorker: () => WorkerLike | null) {}

  /** False once it turned out that there is no worker. */
  get beside(): boolean {
    return this.desk === null;
  }

  read(source: TraceSource): Promise<Analysis> {
    this.begin();
    const { desk } = this;
    if (desk) {
      return later(() => desk.put(this.number(source), { ...analyse(readTrace(source.frame, source.clocks)), source }));
    }
    this.forget(source);
    return this.ask('read', () => this.reading(source)).then((read) => ({ ...withTexts(source.frame, read), source }));
  }

  /** Bars of a trace whose spans have these times. */
  async arrange(source: TraceSource, { start, end }: Pick<ArrangeColumns, 'start' | 'end'>, options: ArrangeOptions): Promise<Arrangement> {
    const arrangement = await this.ask('arrange', () => ({ kind: 'arrange', trace: this.numberOf(source), options }));
    return { start, end, ...arrangement };
  }

  /** The trace as it usually is, null where that is not known. */
  async usual(source: TraceSource, analysis: Analysis): Promise<Usual | null> {
    const usual = await this.ask('usual', () => ({ kind: 'usual', trace: this.numberOf(source) }));
    return usual && usualOfTrace(usual, analysis);
  }

  compare(there: TraceSource | 'usual', here: TraceSource): Promise<Compared> {
    return this.ask('compare', () => ({ kind: 'compare', ...this.pair(there, here) }));
  }

  /** Where the bars of two traces are that are compared: of the other one, and of this one. */
  place(there: TraceSource | 'usual', here: TraceSource, options: ComparedOptions): Promise<[ComparedHalf, ComparedHalf]> {
    return this.ask('place', () => ({ kind: 'place', ...this.pair(there, here), options }));
  }

  private pair(there: TraceSource | 'usual', here: TraceSource): { there: There; here: number } {
    return { there: there === 'usual' ? there : this.numberOf(there), here: this.numberOf(here) };
  }

  /** Ends the worker; the next question makes another one. */
  dispose(): void {
    clearTimeout(this.timer);
    this.worker?.terminate();
    this.worker = null;
    this.desk = null;
    this.known.clear();
    this.asked.clear();
  }

  private ask<K extends Kind>(_: K, make: () => Extract<Question, { kind: K }>): Promise<Answers[K]> {
    this.begin();
    return new Promise<Answers[K]>((resolve, reject) => this.send({ make, resolve, reject }));
  }

  private send(asked: Asked): void {
    const { desk } = this;
    if (desk) {
      later(() => desk.answer(asked.make())).then(asked.resolve as (answer: unknown) => void, asked.reject);
      return;
    }
    const id = ++this.count;
    this.asked.set(id, asked);
    this.post(id, asked.make());
  }

  private post(id: number, question: Question): void {
    const message: ToWorker = { kind: 'ask', id, question };
    this.worker!.postMessage(message, question.kind === 'read' ? memoryOf(question.frame.fields.map(({ values }) => values)) : []);
  }

  /** The number of a trace, which is read first where that was not done yet, or was forgotten. */
  private numberOf(source: TraceSource): number {
    const known = this.known.get(source);
    if (known !== undefined) {
      this.known.delete(source);
      this.known.set(source, known);
      return known;
    }
    const question = this.reading(source);
    if (this.desk) {
      this.desk.answer(question);
    } else {
      this.post(++this.count, question); // nobody waits for the answer
    }
    return question.trace;
  }

  private reading(source: TraceSource): Extract<Question, { kind: 'read' }> {
    const trace = this.number(source);
    return { kind: 'read', trace, frame: this.desk ? source.frame : slim(source.frame), clocks: source.clocks };
  }

  private number(source: TraceSource): number {
    const number = ++this.count;
    this.known.set(source, number);
    if (this.known.size > KEPT) {
      this.forget(this.known.keys().next().value!);
    }
    return number;
  }

  private forget(source: TraceSource): void {
    const trace = this.known.get(source);
    if (trace !== undefined) {
      this.known.delete(source);
      this.desk?.forget(trace);
      this.worker?.postMessage({ kind: 'forget', trace } satisfies ToWorker);
    }
  }

  private begin(): void {
    if (this.worker || this.desk) {
      return;
    }
    try {
      this.worker = this.makeWorker();
    } catch {
      this.worker = null; // no workers, or none from this origin
    }
    if (!this.worker) {
      this.desk = new Desk();
      return;
    }
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.hear(data);
    this.worker.onerror = () => this.goWithout();
    this.worker.onmessageerror = () => this.goWithout();
    this.timer = setTimeout(() => this.goWithout(), PATIENCE_MS);
  }

  private hear(message: FromWorker): void {
    clearTimeout(this.timer);
    if (message.kind === 'ready') {
      return;
    }
    const asked = this.asked.get(message.id);
    this.asked.delete(message.id);
    if (message.kind === 'failed') {
      asked?.reject(new Error(message.message));
    } else {
      asked?.resolve(message.answer as never);
    }
  }

  /** What was asked is answered on the page. */
  private goWithout(): void {
    const waiting = [...this.asked.values()];
    this.dispose();
    this.desk = new Desk();
    waiting.forEach((asked) => this.send(asked));
  }
}

/** Done once the page has painted what was asked. */
const later = <T>(work: () => T): Promise<T> =>
  new Promise((resolve, reject) =>
    setTimeout(() => {
      try {
        resolve(work());
      } catch (e) {
        reject(e);
      }
    })
  );
