// Where the graph has been, how much of it is seen, what a drag does on it, and whether the
// waterfall is shown with it.
import React, { useSyncExternalStore } from 'react';
import { useTrace } from './context';
import { shownTab } from './state/choices';

/** A button with nowhere to go keeps the focus: it may have been pressed to get there. */
export function Travel() {
  const { viewport, travel } = useTrace();
  useSyncExternalStore(viewport.subscribe, viewport.snapshot, viewport.snapshot);
  return (
    <div className="tl-group tl-tools" role="group" aria-label="Views of the graph">
      <button aria-label="Back" title="To the view before ([)" aria-disabled={!viewport.can(-1)} onClick={() => travel(-1)}>
        ↶
      </button>
      <button aria-label="Forward" title="To the view after ( ] )" aria-disabled={!viewport.can(1)} onClick={() => travel(1)}>
        ↷
      </button>
    </div>
  );
}

export function Zoom() {
  const { viewport } = useTrace();
  return (
    <div className="tl-group tl-tools" role="group" aria-label="Zoom">
      <button aria-label="Zoom out" title="Zoom out (S)" onClick={() => viewport.zoom(1.6)}>
        −
      </button>
      <button aria-label="Zoom in" title="Zoom in (W)" onClick={() => viewport.zoom(0.6)}>
        +
      </button>
    </div>
  );
}

export function Modes() {
  const { analysis, state, act } = useTrace();
  const flame = shownTab(analysis.trace, state.tab) === 'flame';
  return (
    <div className="tl-group tl-tools" role="group" aria-label="Drag and layout">
      {(flame || state.split) && (
        <button
          aria-label="Drag zooms"
          aria-pressed={state.drag === 'zoom'}
          title="A drag zooms to what it spans; otherwise it pans, and zooms with Ctrl or ⌘"
          onClick={() => act.toggleDrag()}
        >
          ⇔
        </button>
      )}
      <button aria-label="Flame and waterfall together" aria-pressed={state.split} title="Flame graph above, waterfall below (B)" onClick={() => act.toggleSplit()}>
        ⬓
      </button>
    </div>
  );
}
