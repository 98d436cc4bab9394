// Where the graph has been, how much of it is seen, what a drag does on it, and whether the
// waterfall is shown with it.
import React, { useSyncExternalStore } from 'react';
import { t } from '../language/t';
import { useTrace } from './context';
import { shownTab } from './state/choices';

/** A button with nowhere to go keeps the focus: it may have been pressed to get there. */
export function Travel() {
  const { viewport, travel } = useTrace();
  useSyncExternalStore(viewport.subscribe, viewport.snapshot, viewport.snapshot);
  return (
    <div className="tl-group tl-tools" role="group" aria-label={t('toolbar.views', 'Views of the graph')}>
      <button aria-label={t('toolbar.back', 'Back')} title={t('toolbar.back-help', 'To the view before ([)')} aria-disabled={!viewport.can(-1)} onClick={() => travel(-1)}>
        ↶
      </button>
      <button aria-label={t('toolbar.forward', 'Forward')} title={t('toolbar.forward-help', 'To the view after ( ] )')} aria-disabled={!viewport.can(1)} onClick={() => travel(1)}>
        ↷
      </button>
    </div>
  );
}

export function Zoom() {
  const { viewport } = useTrace();
  return (
    <div className="tl-group tl-tools" role="group" aria-label={t('toolbar.zoom', 'Zoom')}>
      <button aria-label={t('toolbar.zoom-out', 'Zoom out')} title={t('toolbar.zoom-out-help', 'Zoom out (S)')} onClick={() => viewport.zoom(1.6)}>
        −
      </button>
      <button aria-label={t('toolbar.zoom-in', 'Zoom in')} title={t('toolbar.zoom-in-help', 'Zoom in (W)')} onClick={() => viewport.zoom(0.6)}>
        +
      </button>
    </div>
  );
}

export function Modes() {
  const { analysis, state, act } = useTrace();
  const flame = shownTab(analysis.trace, state.tab) === 'flame';
  return (
    <div className="tl-group tl-tools" role="group" aria-label={t('toolbar.drag-layout', 'Drag and layout')}>
      {(flame || state.split) && (
        <button
          aria-label={t('toolbar.drag', 'Drag zooms')}
          aria-pressed={state.drag === 'zoom'}
          title={t('toolbar.drag-help', 'A drag zooms to what it spans; otherwise it pans, and zooms with Ctrl or ⌘')}
          onClick={() => act.toggleDrag()}
        >
          ⇔
        </button>
      )}
      <button aria-label={t('toolbar.together', 'Flame and waterfall together')} aria-pressed={state.split} title={t('toolbar.together-help', 'Flame graph above, waterfall below (B)')} onClick={() => act.toggleSplit()}>
        ⬓
      </button>
    </div>
  );
}
