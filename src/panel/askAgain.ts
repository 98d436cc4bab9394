import type { EventBus } from '@grafana/data';
import { RefreshEvent } from '@grafana/runtime';

/** What the dashboard's refresh button does: a scene runs its queries again, older dashboards listen to the panel's bus. */
export function askAgain(eventBus: EventBus): void {
  const scene = (window as { __grafanaSceneContext?: { state?: { $timeRange?: { onRefresh?: () => void } } } }).__grafanaSceneContext;
  if (scene?.state?.$timeRange?.onRefresh) {
    scene.state.$timeRange.onRefresh();
  } else {
    eventBus.publish(new RefreshEvent());
  }
}
