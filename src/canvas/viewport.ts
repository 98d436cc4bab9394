// What part of the trace is on screen: a range of time and a scroll position. Every zoom
// and pan goes through here, so limits, easing and the way back are in one place.
import { History } from './history';

interface Bounds {
  from: number;
  to: number;
}

/** A place to come back to. */
interface View extends Bounds {
  top: number;
  /** Id of the span whose subtree was shown alone, '' for all. */
  subtree: string;
}

const EASE_MS = 150;
/** Keys and wheel turns that follow each other within this time are one step of the history. */
const RUN_MS = 600;
/** The narrowest view, in nanoseconds. */
const NARROWEST = 100;

export class Viewport {
  from = 0;
  to = 1;
  /** Scrolled down by so many pixels. */
  top = 0;
  /** Told by whoever shows a subtree alone, so that the way back leads out of it too. */
  subtree = '';
  private bounds: Bounds = { from: 0, to: 1 };
  /** What is shown at first, within the bounds. */
  private home: Bounds = { from: 0, to: 1 };
  private readonly history = new History<View>();
  /** When the last of a run of keys or wheel turns came. */
  private ran = -Infinity;
  private readonly listeners = new Set<() => void>();
  private frame = 0;
  /** Where an animation is on its way to. */
  private aim: Bounds | null = null;
  private version = 0;

  /** `calm` tells whether motion is unwelcome. */
  constructor(private readonly calm: () => boolean = () => false) {}

  /** Another trace. `home` is the part of it that is shown at first. */
  reset(bounds: Bounds, home: Bounds = bounds): void {
    this.bounds = atLeastOne(bounds);
    this.home = this.within(home);
    this.from = this.home.from;
    this.to = this.home.to;
    this.top = 0;
    this.subtree = '';
    this.history.clear();
    this.ran = -Infinity;
    this.stop();
    this.changed();
  }

  /**
   * Other bounds of the same trace, whose times are later by the shift: the view stays on what
   * it shows, as far as that still lies within, and so do the views to come back to.
   */
  rebound(bounds: Bounds, home: Bounds = bounds, shift = 0): void {
    const { whole, atHome } = this;
    const old = [this.bounds, this.home];
    this.bounds = atLeastOne(bounds);
    this.home = this.within(home);
    if (same(old[0], this.bounds) && same(old[1], this.home) && shift === 0) {
      return;
    }
    this.history.change((view) => ({ ...view, from: view.from + shift, to: view.to + shift }));
    const view = atHome ? this.home : whole ? this.bounds : { from: this.from + shift, to: this.to + shift };
    this.move(view.from, view.to, false);
  }

  get whole(): boolean {
    return this.from <= this.bounds.from && this.to >= this.bounds.to;
  }

  /** True while what is shown at first is shown. */
  get atHome(): boolean {
    return same(this, this.home);
  }

  get span(): number {
    return this.to - this.from;
  }

  /** What is shown once all motion is over. */
  get aimed(): Bounds {
    return this.base(true);
  }

  /** Shows a range; it is moved and cut to stay within the trace. */
  show(from: number, to: number, ease = true): void {
    this.go({ from, to }, ease);
  }

  showAll(): void {
    this.go(this.bounds);
  }

  showHome(): void {
    this.go(this.home);
  }

  /** What is shown at first; where that is shown already, all. */
  fit(): void {
    this.go(this.atHome ? this.bounds : this.home);
  }

  /** Brings a range of time, or rows, into view: many that follow each other are one step. */
  reveal(view: Partial<Omit<View, 'subtree'>>): void {
    this.go(view, true, true);
  }

  /** Shows a subtree alone, from its top; '' and no range: all that is shown at first. */
  enter(subtree: string, range: Bounds = this.home): void {
    this.go({ ...range, top: 0, subtree });
  }

  /** Zooms by a factor; what is at `at` stays where it is. */
  zoom(factor: number, at?: number, ease = true): void {
    const { from, to } = this.base(ease);
    const still = at ?? (from + to) / 2;
    this.go({ from: still - (still - from) * factor, to: still + (to - still) * factor }, ease, true);
  }

  /** Pans by a share of what is visible. */
  pan(share: number, ease = true): void {
    const { from, to } = this.base(ease);
    const d = (to - from) * share;
    this.go({ from: from + d, to: to + d }, ease, true);
  }

  /** Follows a hand that drags; where it began was left by `leave`. */
  drag(from: number, to: number): void {
    this.move(from, to, false);
  }

  /** What is shown now is a place to come back to. */
  leave(): void {
    this.history.leave(this.view());
    this.ran = -Infinity;
  }

  /** True where there is a view to go back (-1) or forward (1) to. */
  can = (by: -1 | 1): boolean => this.history.can(by);

  /** One step back or forward; tells what is shown then, null where there is no such step. */
  step(by: -1 | 1): View | null {
    const view = this.history.step(by, this.view());
    if (!view) {
      return null;
    }
    this.ran = -Infinity;
    this.subtree = view.subtree;
    this.top = view.top;
    this.move(view.from, view.to, true);
    this.changed();
    return view;
  }

  scroll(top: number, most: number): boolean {
    const next = Math.max(0, Math.min(most, top));
    if (next === this.top) {
      return false;
    }
    this.top = next;
    this.changed();
    return true;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Grows with every change: a snapshot for useSyncExternalStore. */
  snapshot = (): number => this.version;

  private view(): View {
    const { from, to } = this.base(true);
    return { from, to, top: this.top, subtree: this.subtree };
  }

  /** Every way to another view but a drag. A run of keys or wheel turns is left once, where it begins. */
  private go(next: Partial<View>, ease = true, run = false): void {
    const at = this.view();
    const [from, to] = this.clamp(next.from ?? at.from, next.to ?? at.to);
    const { top = at.top, subtree = at.subtree } = next;
    if (!same(at, { from, to }) || top !== at.top || subtree !== at.subtree) {
      const now = performance.now();
      if (!run || now - this.ran > RUN_MS) {
        this.history.leave(at);
      }
      this.ran = run ? now : -Infinity;
    }
    this.top = top;
    this.subtree = subtree;
    this.move(from, to, ease);
    if (top !== at.top) {
      this.changed(); // at once, whatever eases
    }
  }

  private move(from: number, to: number, ease: boolean): void {
    const [a, b] = this.clamp(from, to);
    this.stop();
    if (!ease || this.calm()) {
      this.set(a, b);
      return;
    }
    this.aim = { from: a, to: b };
    const [a0, b0, began] = [this.from, this.to, performance.now()];
    const step = (now: number) => {
      const k = Math.min(1, Math.max(0, now - began) / EASE_MS);
      const eased = 1 - (1 - k) ** 3;
      if (k < 1) {
        this.set(a0 + (a - a0) * eased, b0 + (b - b0) * eased);
        this.frame = requestAnimationFrame(step);
      } else {
        this.aim = null;
        this.set(a, b); // exactly
      }
    };
    this.frame = requestAnimationFrame(step);
  }

  // A key pressed while the last one's motion still runs goes on from where that one leads,
  // or it would cancel the rest of it; a hand that drags takes hold of what is seen.
  private base(ease: boolean): Bounds {
    return (ease && this.aim) || { from: this.from, to: this.to };
  }

  private stop(): void {
    cancelAnimationFrame(this.frame);
    this.aim = null;
  }

  private clamp(from: number, to: number): [number, number] {
    const all = this.bounds.to - this.bounds.from;
    const span = Math.max(Math.min(NARROWEST, all), Math.min(all, to - from));
    const middle = (from + to) / 2;
    const a = Math.max(this.bounds.from, Math.min(this.bounds.to - span, middle - span / 2));
    return [a, a + span];
  }

  private within({ from, to }: Bounds): Bounds {
    const [a, b] = this.clamp(from, to);
    return { from: a, to: b };
  }

  private set(from: number, to: number): void {
    this.from = from;
    this.to = to;
    this.changed();
  }

  private changed(): void {
    this.version++;
    this.listeners.forEach((listener) => listener());
  }
}

const atLeastOne = ({ from, to }: Bounds): Bounds => ({ from, to: Math.max(to, from + 1) });

const same = (a: Bounds, b: Bounds): boolean => a.from === b.from && a.to === b.to;
