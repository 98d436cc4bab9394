// The worker's protocol, with a worker that runs on the page and answers when told to.
import { describe, expect, it, vi } from 'vitest';
import { analyse } from '../analysis';
import { Arranger, type ArrangeColumns, type ArrangeOptions, type Arrangement } from '../arrange';
import { randomTrace } from '../fixture';
import { ArrangeClient, type WorkerLike } from './arrangeClient';
import { memoryOf, type FromWorker, type ToWorker } from './messages';

const analysis = analyse(randomTrace(300, 3));
const columns: ArrangeColumns = { ...analysis.trace, heldBelow: analysis.held.below, heldAlone: analysis.held.alone, own: analysis.slices.own, kinds: analysis.kinds };
const options = (change: Partial<ArrangeOptions> = {}): ArrangeOptions => ({
  layers: [true, true, true], hidden: null, collapsed: new Set(), focus: -1, density: 'strands', open: new Set(), room: 400, ...change,
});
const expected = (o: ArrangeOptions) => new Arranger(columns).arrange(o);

class FakeWorker implements WorkerLike {
  onmessage: ((e: MessageEvent) => unknown) | null = null;
  onerror: WorkerLike['onerror'] = null;
  onmessageerror: WorkerLike['onmessageerror'] = null;
  terminated = false;
  readonly held: ToWorker[] = [];
  private readonly got: Record<string, unknown> = {};

  postMessage(message: ToWorker, memory: unknown = []): void {
    const sent = structuredClone(message, { transfer: memory as ArrayBuffer[] });
    if (sent.kind === 'column') {
      this.got[sent.name] = sent.value;
    } else {
      this.held.push(sent);
    }
  }

  terminate(): void {
    this.terminated = true;
  }

  say(message: FromWorker): void {
    this.onmessage?.({ data: message } as MessageEvent);
  }

  answer(): void {
    const ask = this.held.shift() as Extract<ToWorker, { kind: 'ask' }>;
    const { start: _, end: __, ...arrangement } = new Arranger(this.got as unknown as ArrangeColumns).arrange(ask.options);
    this.say({ kind: 'made', id: ask.id, arrangement });
  }
}

function start(worker: () => WorkerLike | null) {
  const made: Arrangement[] = [];
  const failed: unknown[] = [];
  return { client: new ArrangeClient(columns, worker, (a) => made.push(a), (e) => failed.push(e)), made, failed };
}

const alike = (a: Arrangement, b: Arrangement) => expect([a.density, a.y, a.order, a.from]).toEqual([b.density, b.y, b.order, b.from]);

describe('with a worker', () => {
  it('sends the columns once, then questions, and gives what the worker made', async () => {
    const worker = new FakeWorker();
    const { client, made } = start(() => worker);
    client.ask(options());
    expect(worker.held).toEqual([]); // it is not ready
    worker.say({ kind: 'ready' });
    await vi.waitFor(() => expect(worker.held).toHaveLength(1));
    worker.answer();
    alike(made[0], expected(options()));
    expect(made[0].start).toBe(columns.start);
    expect(columns.start.length).toBe(300); // the page's own are still there
    client.dispose();
    expect(worker.terminated).toBe(true);
  });

  it('drops an answer to an older question, and asks only the newest of those that wait', async () => {
    const worker = new FakeWorker();
    const { client, made } = start(() => worker);
    worker.say({ kind: 'ready' });
    client.ask(options());
    await vi.waitFor(() => expect(worker.held).toHaveLength(1));
    client.ask(options({ density: 'rows' }));
    client.ask(options({ density: 'texture' }));
    worker.answer();
    expect(made).toEqual([]);
    expect(worker.held).toHaveLength(1);
    worker.answer();
    expect(made.map((a) => a.density)).toEqual(['texture']);
  });

  it('tells what went wrong', async () => {
    const worker = new FakeWorker();
    const { client, failed } = start(() => worker);
    worker.say({ kind: 'ready' });
    client.ask(options());
    await vi.waitFor(() => expect(worker.held).toHaveLength(1));
    worker.say({ kind: 'failed', id: 1, message: 'out of memory' });
    expect(failed).toEqual([new Error('out of memory')]);
  });
});

describe('without a worker', () => {
  it.each([
    ['where there are none', () => null],
    ['where making one is forbidden', () => { throw new DOMException('of another origin', 'SecurityError'); }],
  ])('makes layouts on the page, %s', async (_, worker) => {
    const { client, made } = start(worker);
    expect(client.beside).toBe(false);
    client.ask(options({ density: 'rows' }));
    client.ask(options({ density: 'alike' }));
    await vi.waitFor(() => expect(made).toHaveLength(1));
    alike(made[0], expected(options({ density: 'alike' })));
  });

  it('takes over from a worker that breaks, with the question that was not answered', async () => {
    const worker = new FakeWorker();
    const { client, made } = start(() => worker);
    worker.say({ kind: 'ready' });
    client.ask(options());
    await vi.waitFor(() => expect(worker.held).toHaveLength(1));
    worker.onerror?.call(undefined as never, new ErrorEvent('error'));
    await vi.waitFor(() => expect(made).toHaveLength(1));
    alike(made[0], expected(options()));
  });
});

it('hands over the memory of a layout, of its groups too', () => {
  const made = expected(options({ density: 'alike' }));
  const memory = memoryOf(made);
  expect(memory).toContain(made.y.buffer);
  expect(memory).toContain(made.alike!.starts.buffer);
});

it('makes the same layout as a fresh one after its arrays were given away', () => {
  const arranger = new Arranger(columns);
  const { start: _, end: __, ...first } = arranger.arrange(options({ density: 'texture' }));
  arranger.forget();
  structuredClone(first, { transfer: memoryOf(first) });
  alike(arranger.arrange(options({ density: 'texture', room: 90 })), expected(options({ density: 'texture', room: 90 })));
});
