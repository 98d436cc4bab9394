import React from 'react';
import { CoreApp, type QueryEditorProps } from '@grafana/data';
import { InlineField, InlineFieldRow, RadioButtonGroup, TextLink } from '@grafana/ui';
import { type ThroughlineDataSource } from './datasource';
import { MetricsFields } from './MetricsFields';
import { type QueryType, type Scope, type ThroughlineOptions, type ThroughlineQuery, type TraceView } from './query';
import { SearchFields } from './SearchFields';
import { TextField } from './TextField';

type Props = QueryEditorProps<ThroughlineDataSource, ThroughlineQuery, ThroughlineOptions>;

const types = [
  { label: 'Search', value: 'search' as QueryType, description: 'A list of requests' },
  { label: 'Trace', value: 'trace' as QueryType, description: 'One trace, by an id' },
  { label: 'Metrics', value: 'metrics' as QueryType, description: 'Rate, errors and durations of requests' },
  { label: 'Service map', value: 'serviceMap' as QueryType, description: 'Who calls whom' },
];

const views = [
  { label: 'Flame graph', value: 'flame' as TraceView, description: "Throughline's own panel, with every hop" },
  { label: "Grafana's trace view", value: 'trace' as TraceView },
  { label: 'Both', value: 'both' as TraceView },
];

const scopes = [
  { label: 'Traces', value: 'roots' as Scope, description: 'Where traces begin' },
  { label: 'Requests', value: 'requests' as Scope, description: 'Every request where it was served' },
  { label: 'All spans', value: 'all' as Scope },
];

const docs = 'https://github.com/throughline-io/throughline/blob/main/pkg/plugin/README.md';

const traceId = (text: string) =>
  /^([0-9a-f]{16}|[0-9a-f]{32})?$/i.test(text) || text.includes('$')
    ? undefined
    : 'A trace id has 32 hex digits, the id of a span 16';

export function QueryEditor({ datasource, query, onChange, onRunQuery, app, range }: Props) {
  const type = query.queryType ?? 'search';
  const set = (part: Partial<ThroughlineQuery>) => {
    onChange({ ...query, queryType: type, ...part });
    onRunQuery();
  };
  const suggest = (key: string, text: string) => datasource.suggest(key, text, query, range);
  const keys = (text: string) => datasource.suggestKeys(text, range);
  const shown = app === CoreApp.UnifiedAlerting ? types.filter((t) => t.value === 'metrics') : types;
  return (
    <>
      <InlineFieldRow>
        {type !== 'annotations' && (
          <InlineField label="Query" labelWidth={14}>
            <RadioButtonGroup<QueryType>
              aria-label="Kind of query"
              options={shown}
              value={type}
              onChange={(queryType) => set({ queryType })}
            />
          </InlineField>
        )}
        <InlineField transparent label="">
          <TextLink href={docs} external inline={false} variant="bodySmall">
            What queries can say
          </TextLink>
        </InlineField>
      </InlineFieldRow>
      {type === 'trace' && (
        <InlineFieldRow>
          <TextField
            label="Trace or span id"
            labelWidth={18}
            width={44}
            tooltip="A trace id (32 hex digits), or the id of any span of it (16 hex digits)"
            placeholder="4bf92f3577b34da6a3ce929d0e0e4736"
            value={query.query}
            check={traceId}
            onChange={(id) => set({ query: id })}
          />
          <InlineField label="Show as">
            <RadioButtonGroup<TraceView>
              aria-label="Show as"
              options={views}
              value={query.view ?? 'flame'}
              onChange={(view) => set({ view })}
            />
          </InlineField>
        </InlineFieldRow>
      )}
      {type === 'search' && (
        <InlineFieldRow>
          <InlineField label="Rows" labelWidth={14}>
            <RadioButtonGroup<string>
              aria-label="Rows"
              options={scopes}
              value={query.scope ?? 'roots'}
              onChange={(scope) => set({ scope })}
            />
          </InlineField>
          <TextField
            label="Rows at most"
            labelWidth={16}
            width={10}
            placeholder="100"
            value={query.limit ? String(query.limit) : ''}
            check={(t) => (/^\d*$/.test(t) ? undefined : 'A number')}
            onChange={(t) => set({ limit: Number(t) || undefined })}
          />
        </InlineFieldRow>
      )}
      {type === 'metrics' && <MetricsFields query={query} onChange={set} />}
      {type !== 'trace' && (
        <SearchFields
          query={query}
          suggest={suggest}
          keys={keys}
          durations={type === 'search' || type === 'annotations'}
          onChange={set}
        />
      )}
    </>
  );
}
