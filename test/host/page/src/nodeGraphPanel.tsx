// Stands in for Grafana's core panel "nodeGraph", which no package ships: its two frames as
// circles in columns from caller to callee, with both figures, or an icon in place of them, the
// arcs, and a node's links.
import { type DataFrame, type Field, PanelPlugin, type PanelProps } from '@grafana/data';
import { PanelDataErrorView } from '@grafana/runtime';
import { DataLinksContextMenu, getFieldDisplayLinks, useTheme2 } from '@grafana/ui';
import * as React from 'react';
import { columns } from './columns';

const radius = 40;

function text(field: Field | undefined, row: number) {
  const value = field?.values[row];
  const shown = field && value != null ? field.display?.(value) : undefined;
  return shown ? `${shown.prefix ?? ''}${shown.text}${shown.suffix ?? ''}` : '';
}

const named = (frame: DataFrame) => (name: string) => frame.fields.find((f) => f.name.toLowerCase() === name);

/** The arcs around a node: shares of the circle, each in its field's colour. */
function Arcs({ frame, row }: { frame: DataFrame; row: number }) {
  const theme = useTheme2();
  const round = 2 * Math.PI * radius;
  let before = 0;
  return frame.fields
    .filter((f) => f.name.startsWith('arc__'))
    .map((f) => {
      const share = Number(f.values[row]) || 0;
      const begin = before;
      before += share;
      const stroke = theme.visualization.getColorByName(f.config.color?.fixedColor ?? 'gray');
      return <circle key={f.name} r={radius} fill="none" stroke={stroke} strokeWidth={3} strokeDasharray={`${share * round} ${round}`} strokeDashoffset={-begin * round} />; // prettier-ignore
    });
}

function NodeGraphPanel({ id, data, width, height, fieldConfig }: PanelProps) {
  const theme = useTheme2();
  const nodes = data.series.find((f) => f.fields.some((x) => x.name === 'id') && !f.fields.some((x) => x.name === 'source'));
  const edges = data.series.find((f) => f.fields.some((x) => x.name === 'source'));
  const places = React.useMemo(() => {
    if (!nodes || !edges) {
      return new Map<string, { x: number; y: number }>();
    }
    const [source, target] = ['source', 'target'].map((n) => named(edges)(n)!.values);
    return columns(named(nodes)('id')!.values, source.map((s: string, i: number) => [s, target[i]]), width, height);
  }, [nodes, edges, width, height]);
  if (!nodes || !edges || nodes.length === 0) {
    return <PanelDataErrorView panelId={id} fieldConfig={fieldConfig} data={data} />;
  }
  const node = named(nodes);
  const edge = named(edges);
  const { primary, secondary } = theme.colors.text;
  return (
    <svg width={width} height={height} role="group" aria-label="Node graph" fontSize={11} textAnchor="middle" fill={primary}>
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX={8} refY={4} markerWidth={8} markerHeight={8} orient="auto" markerUnits="userSpaceOnUse">
          <path d="M0 0L8 4L0 8z" fill={secondary} />
        </marker>
      </defs>
      {edge('id')!.values.map((key: string, row: number) => {
        const [from, to] = [places.get(edge('source')!.values[row]), places.get(edge('target')!.values[row])];
        if (!from || !to || from === to) {
          return null;
        }
        const [dx, dy] = [to.x - from.x, to.y - from.y];
        const length = Math.hypot(dx, dy);
        const at = (share: number) => ({ x: from.x + dx * share, y: from.y + dy * share });
        // In the middle, unless another circle is there.
        const free = [0.5, 0.65, 0.35, 0.75, 0.25].find((k) => [...places.values()].every((p) => p === from || p === to || Math.hypot(p.x - at(k).x, p.y - at(k).y) > 2 * radius));
        const [a, b, mid] = [at((radius + 3) / length), at(1 - (radius + 5) / length), at(free ?? 0.5)];
        return (
          <g key={key} role="img" aria-label={`${edge('source')!.values[row]} → ${edge('target')!.values[row]}: ${text(edge('mainstat'), row)}, ${text(edge('secondarystat'), row)}`}>
            <line x1={a.x} y1={a.y} x2={b.x} y2={b.y} stroke={secondary} strokeWidth={Number(edge('thickness')?.values[row]) || 1} markerEnd="url(#arrow)" />
            <text x={mid.x} y={mid.y - 6} fill={secondary} paintOrder="stroke" stroke={theme.colors.background.primary} strokeWidth={4}>
              {text(edge('mainstat'), row)}
            </text>
            <text x={mid.x} y={mid.y + 10} fill={secondary} paintOrder="stroke" stroke={theme.colors.background.primary} strokeWidth={4}>
              {text(edge('secondarystat'), row)}
            </text>
          </g>
        );
      })}
      {node('id')!.values.map((key: string, row: number) => {
        const place = places.get(key)!;
        const icon = text(node('icon'), row);
        const stats = icon ? [icon, ''] : [text(node('mainstat'), row), text(node('secondarystat'), row)];
        const links = () => nodes.fields.flatMap((f) => getFieldDisplayLinks(f, row));
        return (
          <DataLinksContextMenu key={key} links={links}>
            {({ triggerProps, targetClassName }) => (
              <g transform={`translate(${place.x} ${place.y})`} className={targetClassName} cursor="pointer" aria-label={`${text(node('title'), row)}: ${stats.join(', ')}`} {...triggerProps}>
                <circle r={radius} fill={theme.colors.background.secondary} />
                <Arcs frame={nodes} row={row} />
                <text y={-2}>{stats[0]}</text>
                <text y={14}>{stats[1]}</text>
                <text y={radius + 16}>{text(node('title'), row)}</text>
                <text y={radius + 31} fill={secondary}>
                  {text(node('subtitle'), row)}
                </text>
              </g>
            )}
          </DataLinksContextMenu>
        );
      })}
    </svg>
  );
}

export const nodeGraphPanel = new PanelPlugin(NodeGraphPanel).useFieldConfig();
