// What listens to the pointer on a canvas, for as long as the canvas is there.

export class Listeners {
  private readonly gone = new AbortController();

  constructor(private readonly element: HTMLElement) {}

  // Not passive: React listens to the wheel passively and could not keep the page from scrolling.
  readonly on = <K extends keyof HTMLElementEventMap>(type: K, listener: (e: HTMLElementEventMap[K]) => void): void =>
    this.element.addEventListener(type, listener, { signal: this.gone.signal, passive: false });

  /** Where on the element an event was, in pixels. */
  point(e: MouseEvent): { x: number; y: number } {
    const box = this.element.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  }

  dispose(): void {
    this.gone.abort();
  }
}
