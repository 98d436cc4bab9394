import { type Observable } from 'rxjs';
import {
  CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceGetTagValuesOptions,
  type DataSourceInstanceSettings,
  type MetricFindValue,
  type ScopedVars,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { templated, type ThroughlineOptions, type ThroughlineQuery, valueNames } from './query';
import { ThroughlineVariables } from './variables';

/** What the backend knows of one span beyond its bar. */
export interface SpanDetails {
  id: string;
  [key: string]: unknown;
}

export class ThroughlineDataSource extends DataSourceWithBackend<ThroughlineQuery, ThroughlineOptions> {
  constructor(settings: DataSourceInstanceSettings<ThroughlineOptions>) {
    super(settings);
    this.variables = new ThroughlineVariables(this);
  }

  getDefaultQuery(app: CoreApp): Partial<ThroughlineQuery> {
    return app === CoreApp.Explore ? { queryType: 'search', view: 'both' } : { queryType: 'search' };
  }

  // Ad-hoc filters come with the request, not with the query.
  query(request: DataQueryRequest<ThroughlineQuery>): Observable<DataQueryResponse> {
    const { filters } = request;
    return super.query(
      filters?.length ? { ...request, targets: request.targets.map((q) => ({ ...q, filters })) } : request
    );
  }

  applyTemplateVariables(query: ThroughlineQuery, vars: ScopedVars): ThroughlineQuery {
    const out = { ...query };
    for (const key of templated) {
      if (out[key]) {
        out[key] = getTemplateSrv().replace(out[key], vars);
      }
    }
    if (query.queryType === 'trace') {
      out.query = this.traceOf(query, vars);
    }
    return out;
  }

  // Called before applyTemplateVariables: the query still says "$trace_id" here.
  filterQuery(query: ThroughlineQuery): boolean {
    switch (query.queryType) {
      case 'trace':
        return this.traceOf(query) !== '';
      case 'variables':
        return Boolean(query.name);
      default:
        return true;
    }
  }

  // The trace to show: by its id, else by the id of a selected span. The span's variable is
  // given by name, because a query that contains "$span_id" runs again at every selection.
  private traceOf(query: ThroughlineQuery, vars?: ScopedVars): string {
    const replace = (text?: string) => (text ? getTemplateSrv().replace(text, vars).trim() : '');
    const span = query.spanVariable ? '${' + query.spanVariable + '}' : '';
    const found = replace(span);
    return replace(query.query) || (found === span ? '' : found); // unknown variables stay as they are
  }

  /** Everything about one span: attributes, events, addresses, sequence numbers. */
  spanDetails(id: string, startNs?: string): Promise<SpanDetails> {
    return this.getResource(`span/${encodeURIComponent(id)}`, startNs ? { start: startNs } : undefined);
  }

  values(name: string, params?: Record<string, string>): Promise<MetricFindValue[]> {
    return this.getResource(`values/${encodeURIComponent(name)}`, params);
  }

  async getTagKeys(): Promise<MetricFindValue[]> {
    return valueNames.map((text) => ({ text }));
  }

  getTagValues({ key, timeRange }: DataSourceGetTagValuesOptions<ThroughlineQuery>): Promise<MetricFindValue[]> {
    return this.values(
      key,
      timeRange && { from: String(timeRange.from.valueOf()), to: String(timeRange.to.valueOf()) }
    );
  }
}
