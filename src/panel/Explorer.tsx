// The panel's core: one trace, all its views. It knows nothing of Grafana, so that it can
// be mounted by a test page as well.
import React, { useCallback, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { spans } from '../language/counts';
import { t } from '../language/t';
import { Tones } from '../canvas/colour';
import type { Renderer } from '../canvas/renderer';
import type { Palette } from '../canvas/theme';
import { Viewport } from '../canvas/viewport';
import type { Analysis } from '../trace/analysis';
import { answerOf } from '../trace/answer';
import { membersOf } from '../trace/alike';
import { hiddenButMatches, hiddenSpans } from '../trace/filter';
import { groupBy, isField } from '../trace/group';
import { shownEvents } from '../trace/events';
import { rowOf, shownId } from '../trace/spanids';
import type { ClockChoice } from './clocks';
import type { Comparable } from './comparable';
import { CompareView } from './CompareView';
import { StageId, TraceContext, type TraceView } from './context';
import { spokenEvent } from './EventList';
import { Differing } from './differing/Differing';
import { Drawer, type LoadDetails } from './Drawer';
import { FlameView } from './FlameView';
import { HopPath } from './HopPath';
import { Header } from './header/Header';
import { JsonView } from './JsonView';
import { commandFor, Sequences } from './keys/commands';
import { KeysHelp } from './keys/KeysHelp';
import { runCommand } from './keys/run';
import { Notes } from './Notes';
import { RequestLog } from './RequestLog';
import { shiftBetween } from './state/carry';
import { canSplit, shownTab, tabName } from './state/choices';
import { Hover, HoverContext } from './state/hover';
import { ServicesView } from './ServicesView';
import { Busy } from './States';
import { cssVariables } from './styles';
import { Toolbar } from './Toolbar';
import { spoken } from './spoken';
import { useAttribute, type Attributes } from './useAttribute';
import { useFind, useFound } from './useFind';
import { STOPS, useKeptFocus } from './useKeptFocus';
import { useLayoutOf } from './useLayoutOf';
import { useMoves } from './useMoves';
import { usePictured } from './usePictured';
import { useSize } from './useSize';
import { useViewState, type ChoicesFromOutside } from './useViewState';
import { Waterfall } from './Waterfall';

export interface ExplorerProps extends ChoicesFromOutside {
  analysis: Analysis;
  palette: Palette;
  /** Id of the span selected from outside, '' for none. */
  spanId: string;
  onSelect: (spanId: string) => void;
  loadDetails?: LoadDetails;
  /** Whose clocks times are by, where the nodes' differ. */
  clocks?: ClockChoice;
  /** The trace to compare with. */
  comparable?: Comparable;
  /** Attributes to colour by. */
  attributes?: Attributes;
  /** Time range of the dashboard, for links. */
  timeRange?: { from: number; to: number };
  /** A line over all, such as what file the trace is of. */
  banner?: React.ReactNode;
  /** A Unix time in milliseconds as the dashboard writes it. */
  formatStart?: (ms: number) => string;
  /** The trace is all there is: its data source is not here. */
  snapshot?: boolean;
  /** For measurements: what draws the graph, once it is there. */
  onRenderer?: (renderer: Renderer | null) => void;
}

/** Pixels that flame graph and waterfall need together; below it the chosen one is shown. */
const LEAST_BOTH = 220;

const NOTHING: Comparable = { other: null };

/** Lower panels have one line of header, so that the graph has the rest. */
const LOW = 430;

const calmMotion = () => typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;

export function Explorer({ analysis: whole, palette, spanId, onSelect, loadDetails, clocks, comparable = NOTHING, attributes, timeRange, banner, formatStart, snapshot = false, onRenderer, ...outside }: ExplorerProps) {
  const selectedOutside = useMemo(() => (spanId ? rowOf(whole.trace, spanId) : -1), [whole.trace, spanId]);
  const { state, act } = useViewState(whole, selectedOutside, outside);
  const attributed = useAttribute(whole.trace, state.colourBy, !isField(whole.trace, state.colourBy), attributes);
  const analysis = useMemo<Analysis>(() => ({ ...whole, trace: groupBy(attributed.trace, state.colourBy) }), [whole, attributed.trace, state.colourBy]);
  const { trace } = analysis;
  const tab = shownTab(trace, state.tab);
  const viewport = useViewportOf(whole);
  const [comparing] = useState(() => new Viewport(calmMotion)); // of another scale: both traces, from their starts
  const shown = tab === 'compare' ? comparing : viewport;
  const tones = useMemo(() => new Tones(trace.groups, palette, trace.groupBy), [trace, palette]);
  const stageId = useId();
  const root = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const findBox = useRef<HTMLInputElement>(null);
  const painter = useRef<Renderer | null>(null);
  const made = useCallback(
    (renderer: Renderer | null) => {
      painter.current = renderer;
      onRenderer?.(renderer);
    },
    [onRenderer]
  );
  const shownScene = useCallback(() => painter.current?.shown ?? null, []);
  const main = useRef<HTMLDivElement>(null);
  const room = useSize(main);
  const size = useSize(stage);
  const { height } = useSize(root);
  const low = height > 0 && height < LOW;
  const found = useFound(analysis, state.query);
  const { hits } = found;
  const leftOut = useMemo(() => hiddenSpans(trace, state.hidden, state.perService), [trace, state.hidden, state.perService]);
  const hidden = useMemo(() => (state.matchesOnly && hits ? hiddenButMatches(trace, leftOut, hits.mask) : leftOut), [trace, leftOut, state.matchesOnly, hits]);
  const both = state.split && canSplit(tab) && size.height >= LEAST_BOTH;
  const flameHeight = both ? Math.round(size.height / 2) : size.height;
  const { layout, first, busy } = useLayoutOf(analysis, state, hidden, flameHeight);
  const tellSelected = useCallback((row: number) => onSelect(row >= 0 ? shownId(whole.trace, row) : ''), [whole.trace, onSelect]);
  const { select, zoomTo, focusSubtree, travel } = useMoves({ analysis, layout, viewport, shown, height: flameHeight }, act, tellSelected);
  const toggleGroup = useCallback((group: number) => act.toggleGroup(membersOf(layout.alike!, group)[0]), [act, layout]);
  const { at, go } = useFind(found, state.query, state.selected, select);
  const fit = useCallback(() => (state.focus < 0 ? shown.fit() : focusSubtree(-1)), [state.focus, shown, focusSubtree]);
  const [hover] = useState(() => new Hover());
  const [sequences] = useState(() => new Sequences());
  const pictured = usePictured();

  const view = useMemo<TraceView>(
    () => ({ analysis, layout, palette, tones, viewport: shown, state, act, select, zoomTo, focusSubtree, travel, toggleGroup }),
    [analysis, layout, palette, tones, shown, state, act, select, zoomTo, focusSubtree, travel, toggleGroup]
  );
  const focus = useKeptFocus(() => stage.current?.querySelector<HTMLElement>(STOPS)); // as when the details close
  const events = state.selected >= 0 ? shownEvents(trace, state.selected, state.events) : [];
  const onKeyDown = (e: React.KeyboardEvent) => {
    if (sequences.takes(e, e.timeStamp)) {
      return;
    }
    const command = commandFor(e);
    if (command && runCommand(command, { view, goToHit: go, findBox: findBox.current })) {
      e.preventDefault();
      e.stopPropagation();
    }
  };

  return (
    <TraceContext.Provider value={view}>
      <HoverContext.Provider value={hover}>
      <StageId.Provider value={stageId}>
      <div className="tl" ref={root} data-low={low || undefined} role="region" aria-label={t('state.trace', 'Trace')} style={cssVariables(palette) as React.CSSProperties} onKeyDown={onKeyDown} {...focus}>
        {banner}
        <Toolbar found={found} at={at} goToHit={go} fit={fit} findBox={findBox} scene={shownScene} timeRange={timeRange} clocks={clocks} attributes={attributes} attributeError={attributed.error} />
        <Header formatStart={formatStart} low={low} />
        <Notes snapshot={snapshot} />
        <div className="tl-main" ref={main}>
          <div className="tl-stage" ref={stage} id={stageId} role="tabpanel" aria-busy={busy} aria-label={both ? t('toolbar.both', 'Flame graph and waterfall') : tabName(tab)}>
            {first && canSplit(tab) && <Busy words={t('state.laying-out', 'Laying out {{spans}}', { spans: spans(trace.length) })} />}
            {(tab === 'flame' || both) && !first && <FlameView hits={hits} width={size.width} height={flameHeight} onRenderer={made} />}
            {(tab === 'waterfall' || both) && !first && (
              <div className={both ? 'tl-under' : undefined} style={both ? { height: size.height - flameHeight } : undefined}>
                <Waterfall hits={hits} height={both ? size.height - flameHeight : size.height} hidden={hidden} />
              </div>
            )}
            {tab === 'services' && <ServicesView />}
            {tab === 'hops' && <HopPath />}
            {tab === 'requests' && <RequestLog />}
            {tab === 'compare' && <CompareView comparable={comparable} />}
            {tab === 'json' && <JsonView />}
            {state.keysOpen && <KeysHelp />}
          </div>
          {state.differing ? <Differing hits={hits} room={room} stage={stage} /> : state.selected >= 0 && pictured && <Drawer row={state.selected} loadDetails={loadDetails} room={room} stage={stage} />}
        </div>
        <div className="tl-sr" aria-live="polite">
          {state.selected >= 0 && (events.length > state.event && state.event >= 0 ? spokenEvent(events, state.event, trace.start[state.selected]) : spoken(analysis, layout, state.selected))}
        </div>
      </div>
      </StageId.Provider>
      </HoverContext.Provider>
    </TraceContext.Provider>
  );
}

/** What part of the trace is on screen; it stays where it is when the trace is read again. */
function useViewportOf(analysis: Analysis): Viewport {
  const { from, to } = analysis.trace;
  const home = useMemo(() => answerOf(analysis.trace).home, [analysis.trace]);
  const [viewport] = useState(() => {
    const made = new Viewport(calmMotion);
    made.reset({ from, to }, home);
    return made;
  });
  const reading = useRef(analysis);
  useLayoutEffect(() => {
    // By other clocks it begins and ends elsewhere; a span before all others moves its origin.
    viewport.rebound({ from, to }, home, shiftBetween(reading.current, analysis));
    reading.current = analysis;
  }, [analysis, from, to, home, viewport]);
  return viewport;
}
