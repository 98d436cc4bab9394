import { SceneQueryRunner } from '@grafana/scenes';

/**
 * A panel's queries. Scenes draws no panel before its first answer; one whose first queries were taken back, as
 * Grafana's refresh button does while they are under way, would stay blank, and could not say why.
 */
export class PanelQueries extends SceneQueryRunner {
  cancelQuery(): void {
    super.cancelQuery();
    this.setState({ _hasFetchedData: true });
  }
}
