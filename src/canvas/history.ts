// The views one came from, and those one went back from, as in a browser's history.

const MOST = 100;

export class History<T> {
  private readonly behind: T[] = [];
  private readonly ahead: T[] = [];

  /** `at` is left for a new view: what was gone back from is forgotten. */
  leave(at: T): void {
    this.behind.push(at);
    if (this.behind.length > MOST) {
      this.behind.shift();
    }
    this.ahead.length = 0;
  }

  /** One step back (-1) or forward (1) from `at`; undefined where there is none. */
  step(by: -1 | 1, at: T): T | undefined {
    const [from, to] = by < 0 ? [this.behind, this.ahead] : [this.ahead, this.behind];
    const next = from.pop();
    if (next !== undefined) {
      to.push(at);
    }
    return next;
  }

  can = (by: -1 | 1): boolean => (by < 0 ? this.behind : this.ahead).length > 0;

  /** Each view becomes another: the trace was read again. */
  change(to: (view: T) => T): void {
    for (const views of [this.behind, this.ahead]) {
      views.forEach((view, k) => (views[k] = to(view)));
    }
  }

  clear(): void {
    this.behind.length = this.ahead.length = 0;
  }
}
