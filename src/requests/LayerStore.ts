// Where the time of rows went, asked for as rows come into view: the list is there at once,
// its bars are split a moment later. What was answered is kept, also for the next refresh.
import type { Observable, Subscription } from 'rxjs';
import { t } from '../language/t';
import type { LayersAnswer, RowLayers } from './layers';
import type { Of, RequestRow } from './rows';

export type Ask = (of: Of, rows: Array<{ trace: string; span: string }>) => Observable<LayersAnswer>;

/** Rows of one question. */
export const BATCH = 100;
/** Spans of a trace come late for so long: until then it is asked for again at a refresh. */
const SETTLED = 60_000; // ms
const KEPT = 20_000; // answers
/** How long scrolling may go on before a question leaves. */
const PAUSE = 80; // ms

interface Kept {
  layers: RowLayers;
  settled: boolean;
}

/** Answers outlive the panel: a dashboard draws it anew at every change. */
const kept = new Map<string, Kept>();

function keep(key: string, entry: Kept) {
  kept.delete(key);
  kept.set(key, entry);
  if (kept.size > KEPT) {
    kept.delete(kept.keys().next().value!);
  }
}

export class LayerStore {
  /** Why the last question was not answered; "" if it was. */
  error = '';
  /** What the data source left out, in its words. */
  notices: string[] = [];
  private wanted: RequestRow[] = [];
  private readonly fresh = new Set<string>(); // answered since the data came
  private asking?: Subscription;
  private timer?: ReturnType<typeof setTimeout>;
  private version = 0;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly datasource: string,
    readonly of: Of,
    /** null where nobody can be asked. */
    private readonly ask: Ask | null
  ) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly snapshot = (): number => this.version;

  readonly get = (row: RequestRow): RowLayers | undefined => kept.get(this.key(row))?.layers;

  /** New data: what may have grown since is asked for again. */
  refresh() {
    this.fresh.clear();
    this.error = '';
    this.notices = [];
  }

  /** The rows whose layers are wanted now, the most urgent first. */
  want(rows: RequestRow[]) {
    this.wanted = rows;
    if (this.ask && !this.asking && this.timer === undefined && !this.error && this.open(1).length > 0) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.next();
      }, PAUSE);
    }
  }

  retry() {
    this.error = '';
    this.next();
    this.changed();
  }

  /** Stops what is being asked, as when the panel goes. */
  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.asking?.unsubscribe();
    this.asking = undefined;
  }

  /** How many of the wanted rows are not known yet. */
  get missing(): number {
    return this.wanted.reduce((n, row) => n + (kept.has(this.key(row)) ? 0 : 1), 0);
  }

  private key = ({ trace, span }: RequestRow): string => `${this.datasource}|${this.of}|${trace}|${this.of === 'request' ? span : ''}`;

  /** The first wanted rows that have to be asked for, each trace or request once. */
  private open(most: number): RequestRow[] {
    const rows = new Map<string, RequestRow>();
    for (const row of this.wanted) {
      const key = this.key(row);
      if (!kept.get(key)?.settled && !this.fresh.has(key) && row.trace) {
        rows.set(key, row);
        if (rows.size >= most) {
          break;
        }
      }
    }
    return [...rows.values()];
  }

  private next() {
    const rows = this.open(BATCH);
    if (!this.ask || this.asking || rows.length === 0) {
      return;
    }
    const asked = Date.now();
    const asking = this.ask(
      this.of,
      rows.map(({ trace, span }) => ({ trace, span }))
    ).subscribe({
      next: (answer) => this.take(rows, answer, asked),
      error: (e) => {
        this.asking = undefined;
        this.error = messageOf(e);
        this.changed();
      },
    });
    if (!asking.closed) {
      this.asking = asking;
    }
  }

  private take(rows: RequestRow[], { rows: answers = [], notices }: LayersAnswer, asked: number) {
    this.asking = undefined;
    let answered = 0;
    rows.forEach((row, i) => {
      const layers = answers[i];
      if (layers && !layers.later) {
        answered++;
        this.fresh.add(this.key(row));
        keep(this.key(row), { layers, settled: !layers.reason && asked - row.start > SETTLED });
      }
    });
    this.notices = [...new Set([...this.notices, ...(notices ?? [])])];
    if (answered === 0) {
      this.error = t('list.no-row', 'the data source answered no row');
    } else {
      this.next();
    }
    this.changed();
  }

  private changed() {
    this.version++;
    this.listeners.forEach((l) => l());
  }
}

const messageOf = (e: unknown): string => {
  const { data, message, statusText } = (e ?? {}) as { data?: { message?: string }; message?: string; statusText?: string };
  return data?.message ?? message ?? statusText ?? t('connected.no-answer', 'no answer');
};
