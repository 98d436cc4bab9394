// The data source that a frame came from. Explore tells a panel no query, and a snapshot has
// frames alone: whom to ask is in the frame, and whether anybody can be asked is known to Grafana.
import { getDataSourceSrv } from '@grafana/runtime';

interface Source {
  /** Its uid; undefined where nobody can be asked. */
  uid: string | undefined;
  /** There was one, but not here: in a snapshot, or in a dashboard of another Grafana. */
  gone: boolean;
}

/** Of a frame whose `meta.custom.datasource` is `made`, asked for by a query to `asked`. */
export function sourceOf(made: unknown, asked: string | undefined): Source {
  const uid = typeof made === 'string' && made !== '' ? made : asked;
  const sources = getDataSourceSrv() as ReturnType<typeof getDataSourceSrv> | undefined; // none outside of Grafana
  const gone = Boolean(uid && sources && !sources.getInstanceSettings(uid));
  return { uid: gone ? undefined : uid, gone };
}
