// A double click is meant for what was under its first press: by the second a drawer may have
// opened over that place, or the graph may have become narrower. So the first press is kept,
// and the second is caught wherever in the page it lands.

const WITHIN_MS = 500;
const REACH = 5; // pixels between the two

type Press = Pick<MouseEvent, 'clientX' | 'clientY' | 'timeStamp'>;

export class DoubleClick<T> {
  private first: { what: T; press: Press } | null = null;

  constructor(
    private readonly page: Pick<Window, 'addEventListener' | 'removeEventListener'>,
    private readonly done: (what: T) => void
  ) {
    page.addEventListener('click', this.click, true);
  }

  dispose(): void {
    this.page.removeEventListener('click', this.click, true);
  }

  /** A click that is not the second of two. */
  begin(what: T, { clientX, clientY, timeStamp }: Press): void {
    this.first = { what, press: { clientX, clientY, timeStamp } };
  }

  /** Whether a press is the second of two. */
  isSecond({ clientX, clientY, timeStamp }: Press): boolean {
    if (!this.first) {
      return false;
    }
    const { press } = this.first;
    return timeStamp - press.timeStamp < WITHIN_MS && Math.abs(clientX - press.clientX) <= REACH && Math.abs(clientY - press.clientY) <= REACH;
  }

  private readonly click = (e: MouseEvent): void => {
    if (e.detail < 2 || !this.first || !this.isSecond(e)) {
      return;
    }
    e.preventDefault();
    e.stopPropagation(); // it is not meant for what lies there now
    const { what } = this.first;
    this.first = null;
    this.done(what);
  };
}
