// Stands in for Grafana's core panel "heatmap", which no package ships: the cells of a frame of
// type heatmap-cells, with the geometry of our own heatmap and the tooltip of @grafana/ui.
import { dateTimeFormat, formattedValueToString, getValueFormat, PanelPlugin, type PanelProps } from '@grafana/data';
import { PanelDataErrorView } from '@grafana/runtime';
import { useTheme2, VizTooltipContainer, VizTooltipContent, VizTooltipHeader } from '@grafana/ui';
import * as React from 'react';
import { type Cell, cellsOf, extentOf, Plane, shade } from '../../../../src/app/heatmap';

const left = 72; // durations
const bottom = 20; // times
const duration = (ns: number) => formattedValueToString(getValueFormat('ns')(ns, 1));

function HeatmapPanel({ id, data, width, height, fieldConfig, timeRange, timeZone }: PanelProps) {
  const theme = useTheme2();
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = React.useState<{ cell: Cell; x: number; y: number }>();
  const cells = React.useMemo(() => cellsOf(data.series[0]), [data.series]);
  const plane = React.useMemo(
    () => new Plane(extentOf(cells, timeRange.from.valueOf(), timeRange.to.valueOf()), width - left, height - bottom),
    [cells, timeRange, width, height]
  );
  React.useEffect(() => {
    const g = canvas.current?.getContext('2d');
    if (!g) {
      return;
    }
    g.canvas.width = width * devicePixelRatio;
    g.canvas.height = height * devicePixelRatio;
    g.scale(devicePixelRatio, devicePixelRatio);
    g.font = `${theme.typography.bodySmall.fontSize} ${theme.typography.fontFamily}`;
    g.fillStyle = theme.colors.text.secondary;
    g.textBaseline = 'middle';
    g.textAlign = 'right';
    plane.ticks().forEach((tick) => g.fillText(duration(tick), left - 8, plane.y(tick)));
    g.textAlign = 'center';
    for (let x = 0.1; x < 1; x += 0.2) {
      const text = dateTimeFormat(plane.time(x * plane.width), { format: 'HH:mm:ss', timeZone });
      g.fillText(text, left + x * plane.width, height - bottom / 2);
    }
    g.fillStyle = theme.visualization.getColorByName('orange');
    const most = Math.max(1, ...cells.map((c) => c.count));
    for (const c of cells) {
      const b = plane.box(c);
      g.globalAlpha = shade(c.count, most);
      g.fillRect(left + b.x, b.y, Math.max(1, b.width - 0.5), b.height);
    }
  }, [cells, plane, width, height, theme, timeZone]);

  if (cells.length === 0) {
    return <PanelDataErrorView panelId={id} fieldConfig={fieldConfig} data={data} needsNumberField />;
  }
  const move = (e: React.MouseEvent) => {
    const box = e.currentTarget.getBoundingClientRect();
    const [time, ns] = [plane.time(e.clientX - box.left - left), plane.duration(e.clientY - box.top)];
    const cell = cells.find((c) => time >= c.from && time < c.to && ns >= c.min && ns < c.max);
    setHover(cell && { cell, x: e.clientX, y: e.clientY });
  };
  return (
    <div onMouseMove={move} onMouseLeave={() => setHover(undefined)}>
      <canvas ref={canvas} style={{ width, height, display: 'block' }} role="img" aria-label="Heatmap" data-testid="heatmap-panel" />
      {hover && (
        <VizTooltipContainer position={{ x: hover.x, y: hover.y }} offset={{ x: 10, y: 10 }}>
          <VizTooltipHeader item={{ label: '', value: dateTimeFormat(hover.cell.from, { timeZone }) }} />
          <div data-testid="cell">
          <VizTooltipContent
            items={[
              { label: 'Count', value: String(hover.cell.count) },
              { label: 'Duration', value: `${duration(hover.cell.min)} to ${duration(hover.cell.max)}` },
            ]}
          />
          </div>
        </VizTooltipContainer>
      )}
    </div>
  );
}

export const heatmapPanel = new PanelPlugin(HeatmapPanel).useFieldConfig();
