import React, { memo } from 'react';
import type { LinkModel } from '@grafana/data';
import { t } from '../language/t';
import type { Palette } from '../canvas/theme';
import { formatCount, formatShare, formatTime } from '../trace/format';
import type { Column } from './columns';
import { LayerBar } from './LayerBar';
import { timeOf, type Layer, type RowLayers } from './layers';
import { barTime } from './order';
import { failureOf, type RequestRow } from './rows';

interface RowProps {
  id: string;
  row: RequestRow;
  position: number; // in the order shown
  height: number;
  narrow: boolean;
  template: string;
  columns: Column[];
  layers: RowLayers | undefined;
  share: number;
  palette: Palette;
  only: Layer | null;
  selected: boolean;
  active: boolean;
  start: string;
  link: LinkModel | undefined;
  open: (row: RequestRow, event: React.SyntheticEvent) => void;
  point: (row: RequestRow, event: React.MouseEvent | null) => void;
}

export const Row = memo(function Row(props: RowProps) {
  const { id, row, position, height, narrow, template, columns, selected, active, open } = props;
  return (
    <div
      id={id}
      role="row"
      className="tr-row tr-line"
      aria-rowindex={position + 2}
      aria-selected={selected}
      data-active={active}
      data-open={Boolean(props.link)}
      data-trace={row.trace}
      style={{ top: position * height, height, gridTemplateColumns: template }}
      onClick={(e) => open(row, e)}
    >
      {columns.map((column) => (
        <div
          key={column.key}
          role="gridcell"
          className={`tr-cell ${column.right ? 'tr-right' : ''} ${column.key === 'spans' ? 'tr-spans' : ''}`}
          style={narrow ? { gridArea: column.key } : undefined}
          {...(column.key === 'bar' && {
            onMouseMove: (e: React.MouseEvent) => props.point(row, e),
            onMouseLeave: () => props.point(row, null),
          })}
        >
          <Cell {...props} column={column} />
        </div>
      ))}
    </div>
  );
});

function Cell({ column, row, layers, share, palette, only, start, link, open, narrow }: RowProps & { column: Column }) {
  const known = layers && !layers.reason ? layers : undefined;
  switch (column.key) {
    case 'start':
      return <span className={narrow ? 'tr-dim' : undefined}>{start}</span>;
    case 'service':
      return <span title={row.rootless ? t('list.rootless', '{{service}}: the root of the trace is not stored, this is its earliest span', { service: row.service }) : row.service}>{row.service}</span>;
    case 'request': {
      const mark = (failureOf(row) || row.errors > 0) && (
        <span className="tr-mark" title={row.failure || `${row.status} ${row.code || ''}`}>
          !
        </span>
      );
      const words = row.request || row.service || t('list.request', 'request');
      return (
        <>
          {mark}
          {link ? (
            <a
              href={link.href}
              target={link.target}
              rel="noreferrer"
              tabIndex={-1}
              title={row.request}
              onClick={(e) => {
                e.stopPropagation();
                if (!e.ctrlKey && !e.metaKey && !e.shiftKey) {
                  e.preventDefault();
                  open(row, e);
                }
              }}
            >
              {words}
            </a>
          ) : (
            <span title={row.request}>{words}</span>
          )}
        </>
      );
    }
    case 'bar':
      return <LayerBar layers={layers} share={share} palette={palette} only={only} />;
    case 'duration':
      return known && only !== null ? (
        <b>{formatShare(timeOf(known, only), known.duration)}</b>
      ) : (
        <span className={known ? undefined : 'tr-dim'} title={known ? undefined : t('list.not-known', 'of the request; where its time went is not known yet')}>
          {formatTime(barTime(row, layers))}
        </span>
      );
    case 'spans':
      return known ? <Counts counts={known.counts} /> : null;
    case 'errors':
      return row.errors > 0 ? (
        <span className="tr-server" title={row.failure}>
          {formatCount(row.errors)}
        </span>
      ) : null;
    case 'matched':
      return <span title={row.matched}>{row.matched}</span>;
    case 'status': {
      const failure = failureOf(row);
      return <span className={failure && `tr-${failure}`}>{[row.status, row.code || ''].filter(Boolean).join(' ')}</span>;
    }
    default:
      return <span title={row.client}>{row.client}</span>;
  }
}

function Counts({ counts: { app, sys, net } }: { counts: RowLayers['counts'] }) {
  return (
    <>
      {(
        [
          ['A', 'APP', app],
          ['S', 'SYS', sys],
          ['N', 'NET', net],
        ] as const
      ).map(([mark, name, n]) => (
        <React.Fragment key={mark}>
          <i title={n === 1 ? t('list.source-span', '1 {{source}} span', { source: name }) : t('list.source-spans', '{{n}} {{source}} spans', { n: formatCount(n), source: name })}>
            <small>{mark}</small> {n}
          </i>{' '}
        </React.Fragment>
      ))}
    </>
  );
}
