// The waterfall: the same spans as a real table, which is also what a screen reader and
// the keyboard use. Only rows in view are in the page.
import React, { useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { t } from '../language/t';
import { membersOf } from '../trace/alike';
import { answerOf } from '../trace/answer';
import { tunnelOf } from '../trace/calls';
import { formatTime } from '../trace/format';
import { labelOf, sublabelOf } from '../trace/label';
import { groupCount, groupFigures, groupLabels } from '../trace/grouplabel';
import { barOf, openGroupOf, spanOf } from '../trace/layout';
import { meanRunning } from '../trace/running';
import { Confidence, Layer, groupOf, Source } from '../trace/model';
import { ownerGroup } from '../trace/breakdown';
import type { Hits } from '../trace/find/search';
import { alikeRows, waterfallRows, type WaterfallRow } from '../trace/waterfall';
import { axisStep, formatAxis } from '../trace/ticks';
import { Badge } from './Badge';
import { useTrace } from './context';
import { cssFill } from './cssFill';
import { LinkPill } from './Tooltip';
import { useRowInView } from './useRowInView';
import { useSize } from './useSize';
import { useWheelZoom } from './useWheelZoom';

const ROW = 23;
const HEADING = 27;
const MARGIN = 12; // rows kept above and below the view
const GUIDES = 18;

export function Waterfall({ hits, height, hidden }: { hits: Hits | null; height: number; hidden: Uint8Array | null }) {
  const { analysis, layout, state, act, select, viewport, toggleGroup } = useTrace();
  const { sources, collapsed, openCalls, focus, selected } = state;
  const folding = layout.density === 'alike' ? layout : null;
  const rows = useMemo(
    () => (folding ? alikeRows(folding, collapsed) : waterfallRows(analysis, { layers: sources, hidden, collapsed, openCalls, focus })),
    [folding, analysis, sources, hidden, collapsed, openCalls, focus]
  );
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  useSyncExternalStore(viewport.subscribe, viewport.snapshot, viewport.snapshot);
  const first = Math.max(0, Math.floor(top / ROW) - MARGIN);
  const shown = rows.slice(first, Math.ceil((top + height) / ROW) + MARGIN);
  const bar = folding ? barOf(folding, selected) : -1;
  const at = useMemo(
    () => (selected < 0 ? -1 : rows.findIndex((r) => (folding ? barOfRow(folding.spans, r) === bar : r.span === selected || r.folded.includes(selected)))),
    [rows, folding, bar, selected]
  );
  useRowInView(box, selected < 0 ? '' : analysis.trace.text.id[selected], { at, height: ROW, heading: HEADING });
  useWheelZoom(box, '.tl-ticks', viewport);
  const found = (r: WaterfallRow): boolean => hits === null || (r.group < 0 ? hits.mask[r.span] === 1 : membersOf(layout.alike!, r.group).some((i) => hits.mask[i] === 1));

  const go = (k: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, k));
    select(rows[to].group < 0 ? rows[to].span : layout.alike!.longest[rows[to].group]);
    const element = box.current;
    if (element) {
      const y = to * ROW;
      if (y < element.scrollTop + ROW) {
        element.scrollTop = y - ROW;
      } else if (y > element.scrollTop + element.clientHeight - 3 * ROW) {
        element.scrollTop = y - element.clientHeight + 3 * ROW;
      }
    }
  };
  const onKeyDown = (e: React.KeyboardEvent) => {
    const row = rows[at];
    const open = row && row.hasChildren && !collapsed.has(row.span);
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      Enter: () => {
        const group = row && row.group >= 0 ? row.group : openGroupOf(layout, selected);
        if (group >= 0) {
          toggleGroup(group);
        }
      },
      PageDown: () => go(at + Math.floor(height / ROW) - 1),
      PageUp: () => go(at - Math.floor(height / ROW) + 1),
      ArrowRight: () => row && (row.hasChildren && !open ? act.fold(row.span) : go(at + 1)),
      ArrowLeft: () => row && (open ? act.fold(row.span) : go(parentOf(rows, at))),
    };
    const move = moves[e.key];
    if (move && rows.length > 0) {
      e.preventDefault();
      e.stopPropagation();
      move();
    }
  };

  return (
    <div className="tl-scroll" ref={box} tabIndex={0} onScroll={(e) => setTop(e.currentTarget.scrollTop)} onKeyDown={onKeyDown} aria-label={t('waterfall.label', 'Spans, arrow keys move')}>
      <table className="tl-table tl-waterfall" role="treegrid" aria-label={t('waterfall.spans', 'Spans')} aria-rowcount={rows.length + 1}>
        <colgroup>
          <col />
          <col />
          <col />
          <col />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">{t('drawer.span', 'Span')}</th>
            <th scope="col" className="tl-right">
              {t('waterfall.duration', 'Duration')}
            </th>
            <th scope="col" className="tl-right">
              {t('waterfall.own', 'Own')}
            </th>
            <th scope="col">{t('waterfall.link', 'Link by')}</th>
            <th scope="col" style={{ position: 'sticky' }}>
              <Ticks />
            </th>
          </tr>
        </thead>
        <tbody>
          {first > 0 && <tr aria-hidden style={{ height: first * ROW }} />}
          {shown.map((row, k) => (
            <Row key={barOfRow(layout.spans, row)} row={row} index={first + k} selected={first + k === at} faint={!found(row)} />
          ))}
          <tr aria-hidden style={{ height: Math.max(0, (rows.length - first - shown.length) * ROW) }} />
        </tbody>
      </table>
    </div>
  );
}

// The row above that this one is a child of; -1 for none.
function parentOf(rows: readonly WaterfallRow[], at: number): number {
  let k = at - 1;
  while (k >= 0 && rows[k].depth >= rows[at].depth) {
    k--;
  }
  return k;
}

const barOfRow = (spans: number, r: WaterfallRow): number => (r.group < 0 ? r.span : spans + r.group);

function Ticks() {
  const { viewport } = useTrace();
  const strip = useRef<HTMLDivElement>(null);
  const { width } = useSize(strip);
  const step = axisStep(viewport.span, Math.max(1, Math.min(8, width / 80)));
  const marks: number[] = [];
  for (let k = Math.ceil(viewport.from / step); k * step < viewport.to - step / 3; k++) {
    marks.push(k * step);
  }
  return (
    <div className="tl-ticks" ref={strip} style={{ height: 25 }}>
      {marks.map((time) => (
        <span key={time} style={{ left: `${((time - viewport.from) / viewport.span) * 100}%` }}>
          {formatAxis(time, step)}
        </span>
      ))}
    </div>
  );
}

function Row({ row, index, selected, faint }: { row: WaterfallRow; index: number; selected: boolean; faint: boolean }) {
  const { analysis, layout, state, act, select } = useTrace();
  const { trace, slices, calls } = analysis;
  const { span, folded, group } = row;
  const alike = layout.alike;
  const own = group >= 0 ? alike!.own[group] : folded.length > 0 ? folded.reduce((sum, i) => sum + slices.own[i], 0) : slices.own[span];
  const expanded = !state.collapsed.has(span);
  return (
    <tr
      role="row"
      aria-level={row.depth + 1}
      aria-rowindex={index + 2}
      aria-expanded={row.hasChildren ? expanded : undefined}
      aria-selected={selected}
      style={faint ? { opacity: 0.4 } : undefined}
      onClick={() => select(group < 0 ? span : alike!.longest[group])}
      data-span={group < 0 ? trace.text.id[span] : undefined}
    >
      <td role="gridcell">
        <div className="tl-name" title={group < 0 && folded.length === 0 ? [labelOf(trace, span), sublabelOf(trace, span)].filter(Boolean).join(' · ') : undefined}>
          {Array.from({ length: Math.min(row.depth, GUIDES) }, (_, k) => (
            <span key={k} className="tl-guide" />
          ))}
          <button
            className="tl-twist"
            tabIndex={-1}
            aria-label={folded.length > 0 ? t('waterfall.hops', 'Show each hop') : expanded ? t('waterfall.fold', 'Fold') : t('waterfall.unfold', 'Unfold')}
            onClick={(e) => {
              e.stopPropagation();
              if (folded.length > 0) {
                act.toggleCall(calls.of[span]);
              } else {
                act.fold(span);
              }
            }}
          >
            {folded.length > 0 ? '⋯' : !row.hasChildren ? '' : expanded ? '▾' : '▸'}
          </button>
          <Badge row={span} />
          {group >= 0 ? (
            <GroupName group={group} />
          ) : folded.length > 0 ? (
            <span className="tl-dim" style={{ paddingLeft: 0 }}>
              {foldedText(analysis.trace, folded)}
            </span>
          ) : (
            <>
              <b>{labelOf(trace, span)}</b>
              <span className="tl-dim">{sublabelOf(trace, span)}</span>
            </>
          )}
        </div>
      </td>
      <td role="gridcell" className="tl-right">
        {group < 0 ? formatTime(trace.end[span] - trace.start[span]) : formatTime(alike!.p50[group])}
      </td>
      <td role="gridcell" className="tl-right tl-dim">
        {formatTime(own)}
      </td>
      <td role="gridcell">
        {group >= 0 ? <span className="tl-dim">{t('waterfall.figures', 'median, sum')}</span> : trace.confidence[span] === Confidence.Root ? '' : trace.confidence[span] === Confidence.Proven ? <span className="tl-dim">{linkWord(trace.text.rule[span])}</span> : <LinkPill row={span} />}
      </td>
      <td role="gridcell">
        {group < 0 ? <Track row={row} /> : <Running group={group} />}
      </td>
    </tr>
  );
}

function GroupName({ group }: { group: number }) {
  const { analysis, layout, toggleGroup } = useTrace();
  const alike = layout.alike!;
  const open = alike.open[group] === 1;
  const [label] = groupLabels(analysis.trace, alike, group);
  return (
    <>
      <b>
        ×{groupCount(alike, group).toLocaleString('en')} {label}
      </b>
      <span className="tl-dim">{groupFigures(alike, group)[0]}</span>
      <button
        className="tl-link"
        tabIndex={-1}
        onClick={(e) => {
          e.stopPropagation();
          toggleGroup(group);
        }}
      >
        {open ? t('drawer.close', 'Close') : t('state.open', 'Open')}
      </button>
    </>
  );
}

const STEPS = 150; // of the area in a row

/** How many of a group ran at each instant of the view. */
function Running({ group }: { group: number }) {
  const { analysis, layout, viewport, tones } = useTrace();
  const { trace } = analysis;
  const alike = layout.alike!;
  const means = new Float32Array(STEPS);
  meanRunning(alike, group, viewport.from, viewport.span / STEPS, means);
  const up = (v: number) => (v < 0 ? 10 : 10 - Math.max(0.6, (10 * v) / alike.peak[group])).toFixed(1);
  const path = Array.from(means, (v, k) => `V${up(v)}H${k + 1}`).join('');
  const span = spanOf(layout, layout.spans + group);
  const fill = trace.source[span] === Source.Net ? tones.strand(groupOf(trace, span)).self : tones.of(groupOf(trace, span)).self;
  return (
    <svg className="tl-track" viewBox={`0 0 ${STEPS} 10`} preserveAspectRatio="none" aria-hidden style={{ width: '100%', display: 'block' }}>
      <path d={`M0 10${path}V10Z`} fill={fill} />
    </svg>
  );
}

// What the two spans have in common, in a word or two.
const LINK_WORDS: Record<string, string> = {
  'hop chain': 'TCP seq',
  'trace context': 'header',
  'parent span id': 'span id',
  'server root': 'peer port',
};
const linkWord = (rule: string): string => LINK_WORDS[rule] ?? rule;

function foldedText(trace: Parameters<typeof labelOf>[0], folded: number[]): string {
  const [a, b] = [trace.text.node[folded[0]], trace.text.node[folded[folded.length - 1]]];
  const n = folded.length; // two at least
  return a === b ? t('waterfall.folded-inside', '{{n}} points, inside {{node}}', { n, node: a }) : t('waterfall.folded', '{{n}} points, {{way}}', { n, way: `${a} → ${b} ${tunnelOf(trace, folded)}` });
}

function Track({ row }: { row: WaterfallRow }) {
  const { analysis, viewport, palette, tones } = useTrace();
  const { trace, slices } = analysis;
  const { span } = row;
  const answer = useMemo(() => answerOf(trace), [trace]);
  const place = (from: number, to: number) => ({ left: `${((from - viewport.from) / viewport.span) * 100}%`, width: `${((to - from) / viewport.span) * 100}%` });
  const tone = tones.of(groupOf(trace, span));
  const net = trace.source[span] === Source.Net;
  const strand = net ? 'tl-strand' : '';
  const bars: React.ReactNode[] = [];
  for (const i of row.folded.length > 0 ? row.folded : [span]) {
    for (let k = slices.first[i]; k < slices.first[i + 1] && bars.length < 200; k++) {
      if (slices.to[k] - slices.from[k] < viewport.span / 1500) {
        continue;
      }
      const background = cssFill(palette, tones, slices.layer[k] as Layer, ownerGroup(trace, slices, i, k));
      bars.push(<i key={k} className={`tl-own ${strand}`} style={{ ...place(slices.from[k], slices.to[k]), background }} />);
    }
  }
  return (
    <div className="tl-track">
      {answer.after > 0 && answer.to < viewport.to && <u style={{ left: `${((answer.to - viewport.from) / viewport.span) * 100}%` }} />}
      <i
        className={strand}
        style={{
          ...place(trace.start[span], trace.end[span]),
          background: net ? tones.strand(groupOf(trace, span)).wait : tone.wait,
          boxShadow: trace.source[span] === Source.Sys ? `inset 0 0 0 1px ${tone.self}` : undefined,
        }}
      />
      {bars}
      {trace.error[span] === 1 && <i className="tl-bad" style={place(trace.start[span], trace.end[span])} />}
    </div>
  );
}
