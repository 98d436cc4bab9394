// The panel's core: one trace, all its views. It knows nothing of Grafana, so that it can
// be mounted by a test page as well.
import React, { useCallback, useDeferredValue, useEffect, useId, useMemo, useReducer, useRef, useState } from 'react';
import { Tones } from '../canvas/colour';
import type { Renderer } from '../canvas/renderer';
import { HEAD, scrollLimit } from '../canvas/scale';
import type { Palette } from '../canvas/theme';
import { Viewport } from '../canvas/viewport';
import type { Clocks } from '../trace/clocks';
import type { Analysis } from '../trace/analysis';
import { membersOf } from '../trace/alike';
import { hiddenSpans } from '../trace/filter';
import { groupBy, isField } from '../trace/group';
import { shownEvents } from '../trace/events';
import { plural } from '../trace/format';
import { barOf } from '../trace/layout';
import { search } from '../trace/search';
import { CompareView, type Comparable } from './CompareView';
import { StageId, TraceContext, type TraceView } from './context';
import { spokenEvent } from './EventList';
import { Drawer, type LoadDetails } from './Drawer';
import { FlameView } from './FlameView';
import { HopPath } from './HopPath';
import { JsonView } from './JsonView';
import { commandFor, KeysHelp, runCommand } from './keys';
import { Notes } from './Notes';
import { RequestLog } from './RequestLog';
import { initialState, reduce, TABS } from './state';
import { ServicesView } from './ServicesView';
import { Busy } from './States';
import { Strip } from './Strip';
import { cssVariables, STYLES } from './styles';
import { Toolbar } from './Toolbar';
import { spoken } from './spoken';
import { useAttribute, type Attributes } from './useAttribute';
import { useLayoutOf } from './useLayoutOf';
import { useSize } from './useSize';
import { Waterfall } from './Waterfall';

export interface ExplorerProps {
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
  /** For measurements: what draws the graph, once it is there. */
  onRenderer?: (renderer: Renderer | null, analysis: Analysis) => void;
}

export interface ClockChoice {
  chosen: Clocks;
  choose: (clocks: Clocks) => void;
}

const NOTHING: Comparable = { other: null };

const calmMotion = () => typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches;

export function Explorer({ analysis: whole, palette, spanId, onSelect, loadDetails, clocks, comparable = NOTHING, attributes, timeRange, onRenderer }: ExplorerProps) {
  const ids = whole.trace.text.id;
  const selectedOutside = useMemo(() => (spanId ? Array.prototype.indexOf.call(ids, spanId) : -1), [ids, spanId]);
  const [state, dispatch] = useReducer(reduce, undefined, () => initialState(ids.length, selectedOutside));
  const attributed = useAttribute(whole.trace, state.colourBy, !isField(whole.trace, state.colourBy), attributes);
  const analysis = useMemo<Analysis>(() => ({ ...whole, trace: groupBy(attributed.trace, state.colourBy) }), [whole, attributed.trace, state.colourBy]);
  const { trace } = analysis;
  const [viewport] = useState(() => {
    const made = new Viewport(calmMotion);
    made.reset({ from: trace.from, to: trace.to });
    return made;
  });
  const [comparing] = useState(() => new Viewport(calmMotion)); // of another scale: both traces, from their starts
  const shown = state.tab === 'compare' ? comparing : viewport;
  const tones = useMemo(() => new Tones(trace.groups, palette, trace.groupBy), [trace, palette]);
  const stageId = useId();
  const stage = useRef<HTMLDivElement>(null);
  const root = useRef<HTMLDivElement>(null);
  const findBox = useRef<HTMLInputElement>(null);
  const painter = useRef<Renderer | null>(null);
  const made = useCallback(
    (renderer: Renderer | null) => {
      painter.current = renderer;
      onRenderer?.(renderer, whole);
    },
    [onRenderer, whole]
  );
  const shownScene = useCallback(() => painter.current?.shown ?? null, []);
  const size = useSize(stage);
  const hidden = useMemo(() => hiddenSpans(trace, state.hidden, state.perService), [trace, state.hidden, state.perService]);
  const { layout, first, busy } = useLayoutOf(analysis, state, hidden, size.height);
  const query = useDeferredValue(state.query); // typing goes on while a large trace is searched
  const hits = useMemo(() => search(trace, query), [trace, query]);

  // The same trace by other clocks begins and ends elsewhere.
  useEffect(() => viewport.rebound({ from: whole.trace.from, to: whole.trace.to }), [whole, viewport]);

  // What is selected outside (another panel, the URL, "back") is selected here too.
  useEffect(() => dispatch({ type: 'set', change: { selected: selectedOutside } }), [selectedOutside]);

  const reveal = useCallback(
    (row: number) => {
      const y = layout.y[barOf(layout, row)] ?? -1;
      if (y < 0) {
        return;
      }
      const room = size.height - HEAD;
      if (y < viewport.top || y > viewport.top + room - 30) {
        viewport.scroll(y - room / 2, scrollLimit(layout.total, size.height));
      }
      if (trace.end[row] < viewport.from || trace.start[row] > viewport.to) {
        const middle = (trace.start[row] + trace.end[row]) / 2;
        viewport.show(middle - viewport.span / 2, middle + viewport.span / 2);
      }
    },
    [layout, size.height, trace, viewport]
  );
  const select = useCallback(
    (row: number, show = false) => {
      dispatch({ type: 'set', change: row >= 0 && analysis.calls.of[row] >= 0 ? { selected: row, call: analysis.calls.of[row] } : { selected: row } });
      onSelect(row >= 0 ? trace.text.id[row] : '');
      if (show && row >= 0) {
        reveal(row);
      }
    },
    [analysis, trace, onSelect, reveal]
  );
  const zoomTo = useCallback(
    (row: number) => {
      const margin = Math.max(trace.end[row] - trace.start[row], 1000) * 0.04;
      viewport.show(trace.start[row] - margin, trace.end[row] + margin);
    },
    [trace, viewport]
  );
  const focusSubtree = useCallback(
    (row: number) => {
      dispatch({ type: 'set', change: { focus: row } });
      if (row < 0) {
        shown.showAll();
      } else {
        viewport.scroll(0, 0);
        zoomTo(row);
      }
    },
    [viewport, shown, zoomTo]
  );
  const toggleGroup = useCallback((group: number) => dispatch({ type: 'openGroup', first: membersOf(layout.alike!, group)[0] }), [layout]);
  const asked = useRef<0 | 1 | -1>(0);
  const goToHit = useCallback(
    (step: 1 | -1) => {
      if (query !== state.query) {
        asked.current = step; // not searched yet: gone to as soon as it is
        return;
      }
      const n = hits?.rows.length ?? 0;
      if (n > 0) {
        const hit = state.hit < 0 ? (step > 0 ? 0 : n - 1) : (state.hit + step + n) % n;
        dispatch({ type: 'set', change: { hit } });
        select(hits!.rows[hit], true);
      }
    },
    [hits, query, state.query, state.hit, select]
  );
  useEffect(() => {
    if (asked.current !== 0 && query === state.query) {
      const step = asked.current;
      asked.current = 0;
      goToHit(step);
    }
  }, [query, state.query, goToHit]);
  const fit = useCallback(() => focusSubtree(-1), [focusSubtree]);

  const view = useMemo<TraceView>(
    () => ({ analysis, layout, palette, tones, viewport: shown, state, dispatch, select, zoomTo, toggleGroup }),
    [analysis, layout, palette, tones, shown, state, select, zoomTo, toggleGroup]
  );
  const events = state.selected >= 0 ? shownEvents(trace, state.selected, state.events) : [];
  const onKeyDown = (e: React.KeyboardEvent) => {
    const command = commandFor(e);
    if (command && runCommand(command, { view, hits, goToHit, focusSubtree, findBox: findBox.current, height: size.height })) {
      e.preventDefault();
      e.stopPropagation();
    }
  };

  return (
    <TraceContext.Provider value={view}>
      <StageId.Provider value={stageId}>
      <div className="tl" ref={root} role="region" aria-label="Trace" style={cssVariables(palette) as React.CSSProperties} onKeyDown={onKeyDown}>
        <style>{STYLES}</style>
        <Toolbar hits={hits} goToHit={goToHit} fit={fit} findBox={findBox} scene={shownScene} timeRange={timeRange} clocks={clocks} attributes={attributes} attributeError={attributed.error} />
        <Strip />
        <Notes focusSubtree={focusSubtree} />
        <div className="tl-main">
          <div className="tl-stage" ref={stage} id={stageId} role="tabpanel" aria-busy={busy} aria-label={TABS.find(([tab]) => tab === state.tab)?.[1]}>
            {first && (state.tab === 'flame' || state.tab === 'waterfall') && <Busy words={`Laying out ${plural(trace.length, 'span')}`} />}
            {state.tab === 'flame' && !first && <FlameView hits={hits} width={size.width} height={size.height} onRenderer={made} focusSubtree={focusSubtree} />}
            {state.tab === 'waterfall' && !first && <Waterfall hits={hits} height={size.height} hidden={hidden} />}
            {state.tab === 'services' && <ServicesView />}
            {state.tab === 'hops' && <HopPath />}
            {state.tab === 'requests' && <RequestLog />}
            {state.tab === 'compare' && <CompareView comparable={comparable} />}
            {state.tab === 'json' && <JsonView />}
            {state.keysOpen && <KeysHelp />}
          </div>
          {state.selected >= 0 && <Drawer row={state.selected} loadDetails={loadDetails} />}
        </div>
        <div className="tl-sr" aria-live="polite">
          {state.selected >= 0 && (events.length > state.event && state.event >= 0 ? spokenEvent(events, state.event, trace.start[state.selected]) : spoken(analysis, layout, state.selected))}
        </div>
      </div>
      </StageId.Provider>
    </TraceContext.Provider>
  );
}
