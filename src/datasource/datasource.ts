import { type Observable } from 'rxjs';
import {
  CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceGetTagKeysOptions,
  type DataSourceGetTagValuesOptions,
  type DataSourceInstanceSettings,
  type MetricFindValue,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { type Offer, type Offering } from './offer';
import { type ThroughlineOptions } from './options';
import { templated, type ThroughlineQuery } from './query';
import { displayText } from './searchText';
import { ThroughlineVariables } from './variables';

export class ThroughlineDataSource extends DataSourceWithBackend<ThroughlineQuery, ThroughlineOptions> implements Offering {
  constructor(settings: DataSourceInstanceSettings<ThroughlineOptions>) {
    super(settings);
    this.variables = new ThroughlineVariables(this);
    // Failed requests, by default. The editor is that of queries.
    this.annotations = { getDefaultQuery: () => ({ queryType: 'annotations', status: 'error' }) };
  }

  getDefaultQuery(app: CoreApp): Partial<ThroughlineQuery> {
    switch (app) {
      case CoreApp.Explore:
        return { queryType: 'search', view: 'both' };
      case CoreApp.UnifiedAlerting: // rules take numbers only
        return { queryType: 'metrics', format: 'numeric', metrics: ['errorRatio'], groupBy: ['service'] };
      default:
        return { queryType: 'search' };
    }
  }

  /** A query in one line: Explore's history shows it. */
  getQueryDisplayText(query: ThroughlineQuery): string {
    return displayText(query);
  }

  // A dashboard's ad-hoc filters come with the request; a query may have some of its own.
  query(request: DataQueryRequest<ThroughlineQuery>): Observable<DataQueryResponse> {
    const { filters } = request;
    return super.query(
      filters?.length
        ? { ...request, targets: request.targets.map((q) => ({ ...q, filters: [...(q.filters ?? []), ...filters] })) }
        : request
    );
  }

  applyTemplateVariables(query: ThroughlineQuery, vars: ScopedVars): ThroughlineQuery {
    const out = { ...query };
    for (const key of templated) {
      if (out[key]) {
        out[key] = getTemplateSrv().replace(out[key], vars, listed);
      }
    }
    if (query.queryType === 'trace') {
      out.query = this.traceOf(query, vars);
    }
    if (out.scope === 'auto') {
      out.scope = 'roots'; // any span of a trace may be the one that is asked for
    }
    if (query.filters) {
      // A condition that is being written, without a key or value, is none yet; nor is one on a
      // variable that is at All. A * that is written there asks that there is a value.
      const replace = (text: string) => getTemplateSrv().replace(text, vars, listed);
      const isAll = (text: string) => text !== '*' && replace(text) === '*';
      const said = query.filters.filter((f) => f.key && (f.value || f.values?.length) && !isAll(f.value));
      out.filters = said.map((f) => ({ ...f, value: replace(f.value), ...(f.values && { values: f.values.map(replace) }) }));
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

  getTagKeys(options?: DataSourceGetTagKeysOptions<ThroughlineQuery>): Promise<MetricFindValue[]> {
    return this.getResource('tag-keys', during(options?.timeRange));
  }

  getTagValues({ key, timeRange }: DataSourceGetTagValuesOptions<ThroughlineQuery>): Promise<MetricFindValue[]> {
    return this.getResource('tag-values', { key, ...during(timeRange) });
  }

  async suggest(key: string, text: string, query: ThroughlineQuery, range?: TimeRange): Promise<Offer> {
    const { namespace, workload, service, protocol } = this.applyTemplateVariables(query, {});
    const narrow = Object.entries({ namespace, workload, service, protocol }).filter(([k, v]) => v && k !== key);
    const pattern = text ? { pattern: text.includes('*') ? text : `*${text}*` } : undefined;
    return this.offer('tag-values', { key, ...pattern, ...Object.fromEntries(narrow), ...during(range) });
  }

  async suggestKeys(text: string, range?: TimeRange): Promise<Offer> {
    const { values, leftOut } = await this.offer('tag-keys', during(range));
    return { values: values.filter((k) => k.toLowerCase().includes(text.toLowerCase())), leftOut };
  }

  // Suggestions are a help: where there are none, one types.
  private async offer(path: string, params?: Record<string, string>): Promise<Offer> {
    try {
      const found: { values: MetricFindValue[]; leftOut: string[] } = await this.getResource(path, { ...params, leftOut: 'true' }, { showErrorAlert: false });
      return { values: found.values.map((v) => v.text), leftOut: found.leftOut };
    } catch {
      return { values: [], leftOut: [] };
    }
  }
}

/** Several values of a variable as the backend reads lists: a|b, with a backslash before a bar that is meant. */
const listed = (value: unknown): string =>
  Array.isArray(value) ? value.map((v) => String(v).replace(/[\\|]/g, '\\$&')).join('|') : String(value);

const during = (range?: TimeRange): Record<string, string> | undefined =>
  range && { from: String(range.from.valueOf()), to: String(range.to.valueOf()) };
