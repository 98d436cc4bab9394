// Long work in steps: a generator that stops between passes. Run at once where nobody
// waits, or a few milliseconds at a time where a page must stay alive.

export type Steps<T> = Generator<void, T, void>;

export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) {
      return value;
    }
  }
}

/** Milliseconds of work after which the page gets its turn. */
const TURN = 12;

/** Runs steps with pauses; the function that is returned stops them for good. */
export function runInTurns<T>(steps: Steps<T>, done: (value: T) => void, failed: (error: unknown) => void): () => void {
  // A message comes sooner than a timer, which browsers hold back to 4 ms and more.
  const channel = new MessageChannel();
  let stopped = false;
  const turn = () => {
    if (stopped) {
      return;
    }
    try {
      const until = performance.now() + TURN;
      for (;;) {
        const next = steps.next();
        if (next.done) {
          channel.port1.close();
          done(next.value);
          return;
        }
        if (performance.now() >= until) {
          channel.port2.postMessage(0);
          return;
        }
      }
    } catch (error) {
      channel.port1.close();
      failed(error);
    }
  };
  channel.port1.onmessage = turn;
  channel.port2.postMessage(0);
  return () => {
    stopped = true;
    channel.port1.close();
  };
}
