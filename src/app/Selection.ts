import { dateTime, type TimeRange } from '@grafana/data';
import {
  SceneObjectUrlSyncConfig,
  SceneTimeRangeTransformerBase,
  type SceneObjectUrlValues,
  type SceneTimeRangeState,
} from '@grafana/scenes';

interface State extends SceneTimeRangeState {
  brush?: { from: number; to: number }; // Unix ms
}

const range = ({ from, to }: { from: number; to: number }): TimeRange => {
  const [a, b] = [dateTime(from), dateTime(to)];
  return { from: a, to: b, raw: { from: a, to: b } };
};

const now = dateTime();

/** The time range of what lies below it: the page's, or the part of it that is brushed. */
export class Selection extends SceneTimeRangeTransformerBase<State> {
  protected _urlSync = new SceneObjectUrlSyncConfig(this, { keys: ['brush'] });

  constructor() {
    super({ from: 'now-15m', to: 'now', value: { from: now, to: now, raw: { from: 'now-15m', to: 'now' } } });
  }

  protected ancestorTimeRangeChanged(state: SceneTimeRangeState) {
    if (!this.state.brush) {
      this.setState({ from: state.from, to: state.to, value: state.value });
    }
  }

  /** Narrows the range; without argument it is the page's again. */
  select(brush?: { from: number; to: number }) {
    if (brush) {
      const value = range(brush);
      this.setState({ brush, value, from: value.from.toISOString(), to: value.to.toISOString() });
      return;
    }
    const { from, to, value } = this.getAncestorTimeRange().state;
    this.setState({ brush: undefined, from, to, value });
  }

  getUrlState(): SceneObjectUrlValues {
    const { brush } = this.state;
    return { brush: brush ? `${brush.from}-${brush.to}` : undefined };
  }

  updateFromUrl({ brush }: SceneObjectUrlValues) {
    const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(String(brush ?? '')) ?? [];
    if (from && Number(from) < Number(to)) {
      this.select({ from: Number(from), to: Number(to) });
    } else if (this.state.brush) {
      this.select();
    }
  }
}
