// What part of the trace is on screen: a range of time and a scroll position. Every zoom
// and pan goes through here, so limits and easing are in one place.

export interface Bounds {
  from: number;
  to: number;
}

const EASE_MS = 150;
/** The narrowest view, in nanoseconds. */
const NARROWEST = 100;

export class Viewport {
  from = 0;
  to = 1;
  /** Scrolled down by so many pixels. */
  top = 0;
  private bounds: Bounds = { from: 0, to: 1 };
  private readonly listeners = new Set<() => void>();
  private frame = 0;
  /** Where an animation is on its way to. */
  private aim: Bounds | null = null;
  private version = 0;

  /** `calm` tells whether motion is unwelcome. */
  constructor(private readonly calm: () => boolean = () => false) {}

  reset(bounds: Bounds): void {
    this.bounds = { from: bounds.from, to: Math.max(bounds.to, bounds.from + 1) };
    this.from = this.bounds.from;
    this.to = this.bounds.to;
    this.top = 0;
    this.stop();
    this.changed();
  }

  /**
   * Other bounds of the same trace, whose times are later by the shift: the view stays on what
   * it shows, as far as that still lies within.
   */
  rebound(bounds: Bounds, shift = 0): void {
    const { whole } = this;
    const next = { from: bounds.from, to: Math.max(bounds.to, bounds.from + 1) };
    if (next.from === this.bounds.from && next.to === this.bounds.to && shift === 0) {
      return;
    }
    this.bounds = next;
    this.show(whole ? next.from : this.from + shift, whole ? next.to : this.to + shift, false);
  }

  get whole(): boolean {
    return this.from <= this.bounds.from && this.to >= this.bounds.to;
  }

  get span(): number {
    return this.to - this.from;
  }

  /** Shows a range; it is moved and cut to stay within the trace. */
  show(from: number, to: number, ease = true): void {
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
      this.set(a0 + (a - a0) * eased, b0 + (b - b0) * eased);
      if (k < 1) {
        this.frame = requestAnimationFrame(step);
      } else {
        this.aim = null;
      }
    };
    this.frame = requestAnimationFrame(step);
  }

  showAll(): void {
    this.show(this.bounds.from, this.bounds.to);
  }

  /** Zooms by a factor; what is at `at` stays where it is. */
  zoom(factor: number, at?: number, ease = true): void {
    const { from, to } = this.base(ease);
    const still = at ?? (from + to) / 2;
    this.show(still - (still - from) * factor, still + (to - still) * factor, ease);
  }

  /** Pans by a share of what is visible. */
  pan(share: number, ease = true): void {
    const { from, to } = this.base(ease);
    const d = (to - from) * share;
    this.show(from + d, to + d, ease);
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
