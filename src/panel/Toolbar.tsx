import React, { useContext, useMemo, useRef } from 'react';
import { hasAlike } from '../trace/alike';
import type { Hits } from '../trace/search';
import { formatCount } from '../trace/format';
import type { Density } from '../trace/layout';
import { StageId, useTrace } from './context';
import { hasHops, shownTab, tabsOf, type Sources } from './state/choices';
import { TEXTURE_FROM } from './state/view';
import type { ClockChoice } from './clocks';
import { ExportMenu, type ExportMenuProps } from './ExportMenu';
import { GraphTools } from './GraphTools';
import type { Attributes } from './useAttribute';
import { ViewMenu } from './ViewMenu';

const DEPTHS: ReadonlyArray<[Sources, string]> = [
  [[true, false, false], 'APP'],
  [[true, true, false], '+ SYS'],
  [[true, true, true], 'All'],
];
const DENSITIES: ReadonlyArray<[Density, string]> = [
  ['folded', 'Folded'],
  ['strands', 'Strands'],
  ['rows', 'Rows'],
  ['alike', 'Alike'],
];
const DENSITIES_OF_MANY: ReadonlyArray<[Density, string]> = [
  ['texture', 'Texture'],
  ['alike', 'Alike'],
  ['strands', 'Rows'],
];

export interface ToolbarProps extends ExportMenuProps {
  clocks?: ClockChoice;
  attributes?: Attributes;
  /** Why the attribute that is coloured by is not there. */
  attributeError?: string;
  hits: Hits | null;
  /** Place of the selected span among them, -1 for none. */
  at: number;
  goToHit: (step: 1 | -1) => void;
  fit: () => void;
  findBox: React.RefObject<HTMLInputElement | null>;
}

export function Toolbar({ hits, at, goToHit, fit, findBox, scene, timeRange, clocks, attributes, attributeError }: ToolbarProps) {
  const { analysis, layout, state, act, viewport } = useTrace();
  const foldable = useMemo(() => hasAlike(analysis.trace, analysis.kinds), [analysis.trace.order, analysis.kinds]); // eslint-disable-line react-hooks/exhaustive-deps -- colours make nothing alike
  const many = analysis.trace.length > TEXTURE_FROM;
  return (
    <div className="tl-bar">
      <Tabs />
      <span className="tl-grow" />
      <Find hits={hits} at={at} goToHit={goToHit} findBox={findBox} />
      {hasHops(analysis.trace) && (
        <div className="tl-group" role="group" aria-label="Layers">
          {DEPTHS.map(([sources, name], k) => (
            <button key={name} aria-pressed={sources.join() === state.sources.join()} title={`${name} (${k + 1})`} onClick={() => act.showSources(sources)}>
              {name}
            </button>
          ))}
        </div>
      )}
      <ViewMenu clocks={clocks} attributes={attributes} attributeError={attributeError} />
      <ExportMenu scene={scene} timeRange={timeRange} />
      {shownTab(analysis.trace, state.tab) === 'flame' && (
        <>
          <span className="tl-dim tl-widest">{many ? 'Spans as' : 'Network as'}</span>
          <div className="tl-group tl-wide" role="group" aria-label={many ? 'How spans are drawn' : 'How network spans are drawn'}>
            {(many ? DENSITIES_OF_MANY : DENSITIES).filter(([density]) => density !== 'alike' || foldable).map(([density, name]) => (
              <button key={density} aria-pressed={layout.density === density} onClick={() => act.draw(density)}>
                {name}
              </button>
            ))}
          </div>
          <button className="tl-icon tl-wide" aria-pressed={state.critical} title="Only what holds the time (C)" onClick={() => act.toggleCritical()}>
            Critical
          </button>
        </>
      )}
      <GraphTools />
      <button className="tl-icon tl-zoom" aria-label="Zoom out" title="Zoom out (S)" onClick={() => viewport.zoom(1.6)}>
        −
      </button>
      <button className="tl-icon tl-zoom" aria-label="Zoom in" title="Zoom in (W)" onClick={() => viewport.zoom(0.6)}>
        +
      </button>
      <button className="tl-icon" title="The request; once more: the whole trace (0)" onClick={fit}>
        Fit
      </button>
      <button className="tl-icon" aria-label="Keys" aria-expanded={state.keysOpen} title="Keys (?)" onClick={() => act.toggleKeys()}>
        ?
      </button>
    </div>
  );
}

// One tab stop; arrows move among the views and show them.
function Tabs() {
  const { analysis, state, act } = useTrace();
  const tabs = tabsOf(analysis.trace);
  const shown = shownTab(analysis.trace, state.tab);
  const list = useRef<HTMLDivElement>(null);
  const panel = useContext(StageId);
  const onKeyDown = (e: React.KeyboardEvent) => {
    const at = tabs.findIndex(([tab]) => tab === shown);
    const moves: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    if (!(e.key in moves)) {
      return;
    }
    e.preventDefault();
    e.stopPropagation();
    const to = (moves[e.key] + tabs.length) % tabs.length;
    act.show(tabs[to][0]);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus();
  };
  return (
    <div className="tl-tabs" role="tablist" aria-label="View" ref={list} onKeyDown={onKeyDown}>
      {tabs.map(([tab, name]) => (
        <button
          key={tab}
          role="tab"
          aria-selected={shown === tab}
          aria-controls={panel}
          tabIndex={shown === tab ? 0 : -1}
          onClick={() => act.show(tab)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function Find({ hits, at, goToHit, findBox }: Pick<ToolbarProps, 'hits' | 'at' | 'goToHit' | 'findBox'>) {
  const { analysis, state, act } = useTrace();
  const stage = useContext(StageId);
  const count = hits ? (at >= 0 ? `${at + 1} / ${formatCount(hits.rows.length)}` : `${formatCount(hits.rows.length)} of ${formatCount(analysis.trace.length)}`) : '';
  return (
    <div className="tl-find">
      <span className="tl-dim" aria-hidden>
        ⌕
      </span>
      <input
        ref={findBox}
        value={state.query}
        placeholder="Find: text, >5ms, error, s:"
        aria-label="Find spans"
        onChange={(e) => act.find(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === 'Enter') {
            e.preventDefault();
            goToHit(e.shiftKey ? -1 : 1);
          } else if (e.key === 'Escape') {
            act.find('');
            document.getElementById(stage)?.querySelector<HTMLElement>('[tabindex="0"]')?.focus(); // the keys are the graph's again
          }
          e.stopPropagation(); // what is typed is no key of the graph
        }}
      />
      <span className="tl-dim" aria-live="polite">
        {count}
      </span>
      {state.query !== '' && (
        <button aria-label="Matches only" aria-pressed={state.matchesOnly} title="Only matches, and what is above them" onClick={() => act.toggleMatchesOnly()}>
          ▽
        </button>
      )}
      <button aria-label="Previous match" onClick={() => goToHit(-1)}>
        ‹
      </button>
      <button aria-label="Next match" onClick={() => goToHit(1)}>
        ›
      </button>
    </div>
  );
}
