import React, { useEffect, useMemo, useRef, useState } from 'react';
import { css } from '@emotion/css';
import { dateTimeFormat, getValueFormat, formattedValueToString, type GrafanaTheme2, LoadingState } from '@grafana/data';
import {
  SceneObjectBase,
  type SceneObjectRef,
  type SceneComponentProps,
  sceneGraph,
  type SceneObjectState,
  TextBoxVariable,
} from '@grafana/scenes';
import { Alert, Button, useStyles2, useTheme2 } from '@grafana/ui';
import { requests } from '../language/counts';
import { t } from '../language/t';
import { cellsOf, durationText, type Extent, extentOf, nanoseconds, Plane, shade } from './heatmap';
import { type Selection } from './Selection';

const height = 160;
const left = 64; // durations
const bottom = 20; // times

interface State extends SceneObjectState {
  selection: SceneObjectRef<Selection>; // the time that is brushed
}

/**
 * How long requests took: darker where there were more. A rectangle drawn on it narrows the
 * list below. With the keyboard the same is done by the variables for the duration and the
 * time picker.
 */
export class Heatmap extends SceneObjectBase<State> {
  static Component = HeatmapView;

  private text(name: string) {
    return sceneGraph.lookupVariable(name, this) as TextBoxVariable | undefined;
  }

  durations(): { min: number; max: number } {
    const of = (name: string) => nanoseconds(String(this.text(name)?.getValue() ?? ''));
    return { min: of('min_duration'), max: of('max_duration') };
  }

  select(brush?: Extent) {
    this.state.selection.resolve().select(brush);
    this.text('min_duration')?.setValue(brush ? durationText(brush.min) : '');
    this.text('max_duration')?.setValue(brush ? durationText(brush.max) : '');
    if (brush) {
      // The roll-up counts requests where they were served: the list must show the same ones.
      const rows = sceneGraph.lookupVariable('rows', this);
      (rows as { changeValueTo?: (v: string, text?: string) => void })?.changeValueTo?.('requests', t('tab.requests', 'Requests'));
    }
  }
}

const duration = (ns: number) => formattedValueToString(getValueFormat('ns')(ns, 1));

function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, set] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([e]) => set(Math.floor(e.contentRect.width)));
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

type Drag = { x1: number; y1: number; x2: number; y2: number };

function HeatmapView({ model }: SceneComponentProps<Heatmap>) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const { brush } = model.state.selection.resolve().useState();
  const { data } = sceneGraph.getData(model).useState();
  const time = sceneGraph.getTimeRange(model);
  const { value: range } = time.useState();
  const timeZone = time.getTimeZone(); // of the page, which may be another than the user's
  sceneGraph.getVariables(model).useState();
  const { ref, width } = useWidth();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<Drag>();
  const [at, setAt] = useState('');

  const cells = useMemo(() => cellsOf(data?.series[0]), [data]);
  const plane = useMemo(
    () =>
      new Plane(extentOf(cells, range.from.valueOf(), range.to.valueOf()), Math.max(1, width - left), height - bottom),
    [cells, range, width]
  );
  const most = useMemo(() => cells.reduce((m, c) => Math.max(m, c.count), 1), [cells]);

  useEffect(() => {
    const g = canvas.current?.getContext('2d');
    if (!g || width === 0) {
      return;
    }
    const scale = window.devicePixelRatio || 1;
    g.canvas.width = width * scale;
    g.canvas.height = height * scale;
    g.scale(scale, scale);
    g.clearRect(0, 0, width, height);
    g.font = `${theme.typography.bodySmall.fontSize} ${theme.typography.fontFamily}`;
    g.fillStyle = theme.colors.text.secondary;
    g.textBaseline = 'middle';
    g.textAlign = 'right';
    for (const tick of plane.ticks()) {
      g.globalAlpha = 1;
      g.fillText(duration(tick), left - 8, plane.y(tick));
      g.globalAlpha = 0.15;
      g.fillRect(left, plane.y(tick), plane.width, 1);
    }
    g.globalAlpha = 1;
    g.textAlign = 'center';
    const times = Math.max(2, Math.floor(plane.width / 160));
    for (let i = 0; i <= times; i++) {
      const x = left + (plane.width * i) / times;
      g.textAlign = i === 0 ? 'left' : i === times ? 'right' : 'center';
      g.fillText(dateTimeFormat(plane.time(x - left), { format: 'HH:mm:ss', timeZone }), x, height - bottom / 2);
    }
    g.fillStyle = theme.colors.primary.main;
    for (const c of cells) {
      const b = plane.box(c);
      g.globalAlpha = shade(c.count, most);
      g.fillRect(left + b.x, b.y, Math.max(1, b.width - 0.5), b.height);
    }
    g.globalAlpha = 1;
  }, [cells, plane, most, width, theme, timeZone]);

  const place = (e: React.PointerEvent) => {
    const box = e.currentTarget.getBoundingClientRect();
    return { x: e.clientX - box.left - left, y: e.clientY - box.top };
  };
  const move = (e: React.PointerEvent) => {
    const { x, y } = place(e);
    if (drag) {
      setDrag({ ...drag, x2: x, y2: y });
    }
    const [time, ns] = [plane.time(x), plane.duration(y)];
    const cell = cells.find((c) => time >= c.from && time < c.to && ns >= c.min && ns < c.max);
    setAt(
      cell
        ? t('heatmap.cell', '{{requests}} of {{min}} to {{max}} at {{time}}', { requests: requests(cell.count), min: duration(cell.min), max: duration(cell.max), time: dateTimeFormat(cell.from, { timeZone }) })
        : ''
    );
  };
  const release = () => {
    // A click is no rectangle: it takes the selection away.
    if (drag) {
      const far = Math.abs(drag.x2 - drag.x1) > 3 && Math.abs(drag.y2 - drag.y1) > 3;
      model.select(far ? plane.between(drag.x1, drag.y1, drag.x2, drag.y2) : undefined);
    }
    setDrag(undefined);
  };

  const clock = (at: number) => dateTimeFormat(at, { format: 'HH:mm:ss', timeZone });
  const { min, max } = model.durations();
  const { extent } = plane;
  const chosen = brush && { ...brush, min: min || extent.min, max: max || extent.max };
  const shown = drag ? plane.between(drag.x1, drag.y1, drag.x2, drag.y2) : chosen;
  const box = shown && plane.box(shown);
  const says = shown
    ? t('heatmap.area', '{{min}} to {{max}}, {{from}} to {{to}}', { min: duration(shown.min), max: duration(shown.max), from: clock(shown.from), to: clock(shown.to) })
    : at || t('heatmap.drag', 'Drag over an area to see its requests below');
  const failed = data?.state === LoadingState.Error ? (data.errors?.[0]?.message ?? data.error?.message) : undefined;
  return (
    <section className={styles.section} aria-label={t('heatmap.title', 'How long requests took')} data-testid="heatmap">
      <div className={styles.head}>
        <h2 className={styles.title}>{t('heatmap.title', 'How long requests took')}</h2>
        <span className={styles.says} role="status">
          {says}
        </span>
        {chosen && !drag && (
          <Button size="sm" variant="secondary" fill="text" icon="times" onClick={() => model.select()}>
            {t('heatmap.clear', 'Clear selection')}
          </Button>
        )}
      </div>
      {failed && <Alert severity="error" title={t('heatmap.failed', 'The heatmap cannot be drawn')}>{failed}</Alert>}
      {!failed && data?.state === LoadingState.Done && cells.length === 0 && (
        <p className={styles.says}>{t('heatmap.none', 'No requests in this time range.')}</p>
      )}
      <div
        ref={ref}
        className={styles.plane}
        onPointerDown={(e) => {
          if (e.button === 0) {
            e.currentTarget.setPointerCapture(e.pointerId);
            const { x, y } = place(e);
            setDrag({ x1: x, y1: y, x2: x, y2: y });
          }
        }}
        onPointerMove={move}
        onPointerUp={release}
        onPointerCancel={() => setDrag(undefined)}
        onPointerLeave={() => setAt('')}
      >
        <canvas
          ref={canvas}
          role="img"
          aria-label={t('heatmap.label', 'Heatmap of durations: {{requests}}. To narrow the list with the keyboard, use "Longer than" and "Shorter than".', { requests: requests(cells.reduce((n, c) => n + c.count, 0)) })}
          className={styles.canvas}
        />
        {box && (
          <div
            className={styles.brush}
            data-testid="brush"
            style={{ left: left + box.x, top: box.y, width: box.width, height: box.height }}
          />
        )}
      </div>
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  section: css({ width: '100%' }),
  head: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(2), minHeight: theme.spacing(4) }),
  title: css({ margin: 0, fontSize: theme.typography.h6.fontSize }),
  says: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  plane: css({ position: 'relative', height, cursor: 'crosshair', touchAction: 'none', userSelect: 'none' }),
  canvas: css({ width: '100%', height: '100%', display: 'block' }),
  brush: css({
    position: 'absolute',
    pointerEvents: 'none',
    border: `1px solid ${theme.colors.primary.text}`,
    background: theme.colors.action.selected,
  }),
});
