import { type Observable } from 'rxjs';
import { CustomVariableSupport, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import { translated } from '../language/translated';
import { type Offering } from './offer';
import { type ThroughlineQuery } from './query';

/** A dashboard variable is an ordinary query of type "variables". */
export class ThroughlineVariables extends CustomVariableSupport<Offering, ThroughlineQuery> {
  editor = translated(async () => (await import('./VariableEditor')).VariableEditor);

  constructor(private readonly datasource: Offering) {
    super();
  }

  query(request: DataQueryRequest<ThroughlineQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.map((q) => ({
      ...q,
      refId: q.refId || 'variable',
      queryType: 'variables' as const,
    }));
    return this.datasource.query({ ...request, targets });
  }
}
