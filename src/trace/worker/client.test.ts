// @vitest-environment node
// The client with a worker that runs on the page and answers when told to.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { analyse, type Analysis, type TraceSource } from '../analysis';
import { asUsual } from '../asUsual';
import { Arranger, columnsOf, type ArrangeOptions, type Arrangement } from '../arrange';
import { compareAll } from '../compareAll';
import { ComparedLayout, type ComparedOptions } from '../compareLayout';
import { webshopRows } from '../fixture';
import { batchFrame } from '../fixture/many';
import { shapeFrame } from '../fixture/shapes';
import { readTrace } from '../frame';
import { TraceClient, type WorkerLike } from './client';
import { Desk } from './desk';
import { memoryOf } from './handover';
import type { FromWorker, ToWorker } from './messages';

const SHAPES = path.resolve(import.meta.dirname, '../../../testdata/account');
const frame = batchFrame(300);
const source = (): TraceSource => ({ frame, clocks: 'auto' });
const analysis = analyse(readTrace(frame));
const options = (change: Partial<ArrangeOptions> = {}): ArrangeOptions => ({
  layers: [true, true, true], hidden: null, collapsed: new Set(), focus: -1, density: 'strands', open: new Set(), room: 400, ...change,
});
const alike = (a: Arrangement, b: Arrangement) => expect([a.density, a.y, a.order, a.from, a.start]).toEqual([b.density, b.y, b.order, b.from, b.start]);
const expected = (o = options()) => new Arranger(columnsOf(analysis)).arrange(o);

class FakeWorker implements WorkerLike {
  onmessage: ((e: MessageEvent) => unknown) | null = null;
  onerror: WorkerLike['onerror'] = null;
  onmessageerror: WorkerLike['onmessageerror'] = null;
  terminated = false;
  readonly held: Array<Extract<ToWorker, { kind: 'ask' }>> = [];
  readonly forgotten: number[] = [];
  private readonly desk = new Desk();

  postMessage(message: ToWorker, memory: unknown = []): void {
    const sent = structuredClone(message, { transfer: memory as ArrayBuffer[] });
    if (sent.kind === 'ask') {
      this.held.push(sent);
    } else {
      this.forgotten.push(sent.trace);
    }
  }

  terminate(): void {
    this.terminated = true;
  }

  say(message: FromWorker): void {
    this.onmessage?.({ data: message } as MessageEvent);
  }

  /** Answers all that was asked. */
  answer(): void {
    for (const { id, question } of this.held.splice(0)) {
      const answer = structuredClone(this.desk.answer(question));
      this.say({ kind: 'answer', id, answer: structuredClone(answer, { transfer: memoryOf(answer) }) });
    }
  }
}

/** Numbers and texts of both are the same. */
function same(read: Analysis, whole: Analysis) {
  for (const part of ['slices', 'holders', 'held', 'calls', 'kinds', 'works', 'origins', 'account'] as const) {
    expect(read[part], part).toEqual(whole[part]);
  }
  const { text, extra, ...numbers } = whole.trace;
  expect(read.trace).toMatchObject(numbers);
  for (const name of Object.keys(text) as Array<keyof typeof text>) {
    expect(Array.from(read.trace.text[name]), name).toEqual(Array.from(text[name]));
  }
  expect(Object.keys(read.trace.extra)).toEqual(Object.keys(extra));
  for (const name of Object.keys(extra)) {
    expect(Array.from(read.trace.extra[name]), name).toEqual(Array.from(extra[name]));
  }
}

describe('with a worker', () => {
  it('reads a frame as the page would, and leaves the frame as it was', async () => {
    const worker = new FakeWorker();
    const client = new TraceClient(() => worker);
    const from = source();
    const reading = client.read(from);
    worker.answer();
    const read = await reading;
    same(read, analysis);
    expect(read.source).toBe(from);
    expect(readTrace(frame)).toMatchObject({ length: frame.length });
    client.dispose();
    expect(worker.terminated).toBe(true);
  });

  it('hands columns of words over as numbers, and no text that only the page shows', () => {
    const worker = new FakeWorker();
    void new TraceClient(() => worker).read(source());
    const { question } = worker.held[0];
    const fields = question.kind === 'read' ? question.frame.fields : [];
    expect(fields.map(({ name }) => name)).not.toContain('id');
    expect(fields.every(({ values }) => ArrayBuffer.isView(values))).toBe(true);
  });

  it('asks for layouts of what it knows, and lets it be read first where it does not', async () => {
    const worker = new FakeWorker();
    const client = new TraceClient(() => worker);
    const from = source();
    const first = client.arrange(from, analysis.trace, options());
    expect(worker.held.map(({ question }) => question.kind)).toEqual(['arrange', 'read'].reverse());
    worker.answer();
    alike(await first, expected());
    const second = client.arrange(from, analysis.trace, options({ density: 'alike' }));
    expect(worker.held.map(({ question }) => question.kind)).toEqual(['arrange']);
    worker.answer();
    alike(await second, expected(options({ density: 'alike' })));
  });

  it('lets it forget all but the traces used last', () => {
    const worker = new FakeWorker();
    const client = new TraceClient(() => worker);
    const all = [source(), source(), source(), source()];
    all.slice(0, 3).forEach((from) => void client.read(from));
    void client.arrange(all[0], analysis.trace, options()); // used again
    void client.read(all[3]);
    const readAs = worker.held.flatMap(({ question }) => (question.kind === 'read' ? [question.trace] : []));
    expect(worker.forgotten).toEqual([readAs[1]]);
  });

  it('compares two traces, and one with the usual, as the page would', async () => {
    const worker = new FakeWorker();
    const client = new TraceClient(() => worker);
    const usual = { '|GET /item|c-nd': 1000, '|GET /item|s-nd': 700 };
    const here: TraceSource = { frame: { ...frame, meta: { custom: { ...frame.meta!.custom, usual } } }, clocks: 'auto' };
    const there: TraceSource = { frame: batchFrame(250), clocks: 'auto' };
    const [a, b] = [there, here].map((from) => analyse(readTrace(from.frame)));
    const options: ComparedOptions = { sources: [true, true, true], hidden: new Set(), folded: true, room: 300 };
    const asked = Promise.all([client.compare(there, here), client.place(there, here, options), client.usual(here, b), client.compare('usual', here)]);
    worker.answer();
    const [compared, placed, normal, unlike] = await asked;
    const expected = compareAll(a, b);
    expect(compared).toEqual(expected);
    expect(placed).toEqual(new ComparedLayout([a, b], expected.comparison).place(options));
    same(normal!.analysis, asUsual(b)!.analysis);
    expect(unlike).toEqual(compareAll(asUsual(b)!.analysis, b));
  });

  it('tells what went wrong', async () => {
    const worker = new FakeWorker();
    const client = new TraceClient(() => worker);
    const reading = client.read(source());
    worker.say({ kind: 'failed', id: worker.held[0].id, message: 'out of memory' });
    await expect(reading).rejects.toThrow('out of memory');
  });
});

describe('without a worker', () => {
  it.each([
    ['where there are none', () => null],
    ['where making one is forbidden', () => { throw new DOMException('of another origin', 'SecurityError'); }],
  ])('answers on the page, %s', async (_, worker) => {
    const client = new TraceClient(worker);
    expect(client.beside).toBe(true);
    const from = source();
    same(await client.read(from), analysis);
    alike(await client.arrange(from, analysis.trace, options({ density: 'rows' })), expected(options({ density: 'rows' })));
    expect(client.beside).toBe(false);
  });

  it('takes over from a worker that breaks, with all that was not answered', async () => {
    const worker = new FakeWorker();
    const client = new TraceClient(() => worker);
    const from = source();
    const [reading, laidOut] = [client.read(from), client.arrange(from, analysis.trace, options())];
    worker.onerror?.call(undefined as never, {} as ErrorEvent);
    same(await reading, analysis);
    alike(await laidOut, expected());
  });

  it('takes over from one that never says a word', async () => {
    vi.useFakeTimers();
    try {
      const client = new TraceClient(() => new FakeWorker());
      const reading = client.read(source());
      await vi.runAllTimersAsync();
      same(await reading, analysis);
    } finally {
      vi.useRealTimers();
    }
  });
});

it.each(readdirSync(SHAPES).filter((file) => file.endsWith('.json')))('reads %s as the page would', async (file) => {
  const shape = shapeFrame(path.basename(file, '.json'));
  const worker = new FakeWorker();
  const reading = new TraceClient(() => worker).read({ frame: shape, clocks: 'auto' });
  worker.answer();
  same(await reading, analyse(readTrace(shape)));
});

it('reads what the frame says beside its columns: offsets of clocks, weak links by id', async () => {
  const rows = webshopRows(new Set([56, 57]));
  const ids = rows.fields[0].values as string[];
  const told = { ...rows, meta: { custom: { ...rows.meta!.custom, offsets: { node1: 1000 }, weak: [{ span: ids[9], parent: 2, reason: 'time' }] } } };
  const worker = new FakeWorker();
  const reading = new TraceClient(() => worker).read({ frame: told, clocks: 'aligned' });
  worker.answer();
  const { trace } = await reading;
  expect(trace.meta).toEqual(readTrace(told, 'aligned').meta);
  expect(trace.meta).toMatchObject({ aligned: true, weak: [{ span: 9, parent: 2 }] });
});
