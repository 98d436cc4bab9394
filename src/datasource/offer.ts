// What there is to choose from, as editors ask the data source for it.
import { type DataQueryRequest, type DataQueryResponse, type DataSourceApi, type TimeRange } from '@grafana/data';
import { type Observable } from 'rxjs';
import { type ComboboxOption } from '@grafana/ui';
import { t } from '../language/t';
import { type ThroughlineOptions } from './options';
import { type ThroughlineQuery } from './query';

/** What there is to choose, and in words what is missing among it. */
export interface Offer {
  values: string[];
  leftOut: string[];
}

/** A data source that says what there is. */
export interface Offering extends DataSourceApi<ThroughlineQuery, ThroughlineOptions> {
  query(request: DataQueryRequest<ThroughlineQuery>): Observable<DataQueryResponse>;
  /** Values of a key that contain a text, narrowed by what the query says already. */
  suggest(key: string, text: string, query: ThroughlineQuery, range?: TimeRange): Promise<Offer>;
  suggestKeys(text: string, range?: TimeRange): Promise<Offer>;
}

/** Values of a key that contain a text. */
export type Suggest = (key: string, text: string) => Promise<Offer>;

/** As a list to choose from; what is missing among it is said at its end. */
export const choices = ({ values, leftOut }: Offer): Array<ComboboxOption<string>> => [
  ...values.map((v) => ({ value: v, label: v })),
  ...leftOut.map((why) => ({ value: why, label: t('search.not-all', 'Not all are listed'), description: why, infoOption: true })),
];
