// Where the graph has been, what a drag does on it, and whether the waterfall is shown with it.
import React, { useSyncExternalStore } from 'react';
import { useTrace } from './context';
import { canSplit, shownTab } from './state/choices';

export function GraphTools() {
  const { analysis, state, act, viewport, travel } = useTrace();
  useSyncExternalStore(viewport.subscribe, viewport.snapshot, viewport.snapshot);
  const tab = shownTab(analysis.trace, state.tab);
  const both = canSplit(tab);
  const drags = tab === 'flame' || (both && state.split);
  return (
    <div className="tl-group tl-tools" role="group" aria-label="Views of the graph">
      <button aria-label="Back" title="To the view before ([)" disabled={!viewport.can(-1)} onClick={() => travel(-1)}>
        ↶
      </button>
      <button aria-label="Forward" title="To the view after ( ] )" disabled={!viewport.can(1)} onClick={() => travel(1)}>
        ↷
      </button>
      {drags && (
        <button
          aria-label="Drag zooms"
          aria-pressed={state.drag === 'zoom'}
          title="A drag zooms to what it spans; otherwise it pans, and zooms with Ctrl or ⌘"
          onClick={() => act.toggleDrag()}
        >
          ⇔
        </button>
      )}
      {both && (
        <button aria-label="Flame and waterfall together" aria-pressed={state.split} title="Flame graph above, waterfall below (B)" onClick={() => act.toggleSplit()}>
          ⬓
        </button>
      )}
    </div>
  );
}
