// Asks the worker for layouts, and makes them on the page, a few milliseconds at a time,
// where there is no worker. The newest question counts: one that waits is replaced, an
// answer to an older one is dropped.
import { Arranger, type ArrangeColumns, type ArrangeOptions, type Arrangement } from '../arrange';
import { runInTurns, type Steps } from '../steps';
import type { FromWorker, ToWorker } from './messages';

export type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'>;

/** What the worker reads of a trace; the rest stays on the page. */
const COLUMNS = ['length', 'parent', 'order', 'start', 'end', 'source', 'confidence', 'missing', 'error', 'origin', 'heldBelow', 'heldAlone', 'own', 'kinds'] as const;

/** A worker that has not said a word by then is none: scripts of other origins fail in silence. */
const PATIENCE_MS = 4000;

export class ArrangeClient {
  private worker: WorkerLike | null = null;
  private local: Arranger | null = null;
  private asked = 0;
  private waiting: ArrangeOptions | null = null;
  private busy = false;
  private stop: () => void = () => {};
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sent = false;

  constructor(
    private readonly columns: ArrangeColumns,
    makeWorker: () => WorkerLike | null,
    private readonly made: (arrangement: Arrangement) => void,
    private readonly failed: (error: unknown) => void
  ) {
    try {
      this.worker = makeWorker();
    } catch {
      this.worker = null; // no workers, or none from this origin
    }
    if (this.worker) {
      this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.hear(data);
      this.worker.onerror = () => this.goWithout();
      this.worker.onmessageerror = () => this.goWithout();
      this.timer = setTimeout(() => this.goWithout(), PATIENCE_MS);
    } else {
      this.goWithout();
    }
  }

  /** True where layouts are made by a worker. */
  get beside(): boolean {
    return this.worker !== null;
  }

  ask(options: ArrangeOptions): void {
    this.asked++;
    this.waiting = options;
    if (this.local) {
      this.stop();
      this.busy = false;
    }
    this.next();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.stop();
    this.worker?.terminate();
    this.worker = null;
    this.waiting = null;
  }

  private next(): void {
    const options = this.waiting;
    if (!options || this.busy) {
      return;
    }
    const id = this.asked;
    if (this.local) {
      this.waiting = null;
      this.busy = true;
      this.stop = runInTurns(
        this.local.steps(options),
        (arrangement) => this.answer(id, arrangement),
        (error) => this.fail(id, error)
      );
    } else if (this.worker && this.sent) {
      this.waiting = null;
      this.busy = true;
      this.latest = options;
      this.post({ kind: 'ask', id, options });
    }
  }

  private latest: ArrangeOptions | null = null;

  private hear(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        clearTimeout(this.timer);
        this.stop = runInTurns(
          this.send(),
          () => {
            this.sent = true;
            this.next();
          },
          () => this.goWithout()
        );
        return;
      case 'made': {
        const { start, end } = this.columns;
        this.answer(message.id, { start, end, ...message.arrangement });
        return;
      }
      case 'failed':
        this.fail(message.id, new Error(message.message));
    }
  }

  // A copy of each column, handed over; a large one is some milliseconds, so one at a time.
  private *send(): Steps<void> {
    for (const name of COLUMNS) {
      const column = this.columns[name];
      if (typeof column === 'number') {
        this.post({ kind: 'column', name, value: column });
      } else if (name === 'kinds') {
        const of = this.columns.kinds.of.slice();
        this.post({ kind: 'column', name, value: { ...this.columns.kinds, of } }, [of.buffer]);
      } else {
        const copy = (column as Int32Array).slice();
        this.post({ kind: 'column', name, value: copy }, [copy.buffer as ArrayBuffer]);
      }
      yield;
    }
  }

  private post(message: ToWorker, memory: Transferable[] = []): void {
    this.worker?.postMessage(message, memory);
  }

  private answer(id: number, arrangement: Arrangement): void {
    this.busy = false;
    if (id === this.asked) {
      this.made(arrangement);
    }
    this.next();
  }

  private fail(id: number, error: unknown): void {
    this.busy = false;
    if (id === this.asked) {
      this.failed(error);
    }
    this.next();
  }

  private goWithout(): void {
    clearTimeout(this.timer);
    this.stop();
    this.worker?.terminate();
    this.worker = null;
    this.local ??= new Arranger(this.columns);
    this.waiting ??= this.busy ? this.latest : null;
    this.busy = false;
    this.next();
  }
}
