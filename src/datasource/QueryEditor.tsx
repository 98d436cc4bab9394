import React from 'react';
import { CoreApp, type QueryEditorProps } from '@grafana/data';
import { InlineField, InlineFieldRow, RadioButtonGroup, TextLink } from '@grafana/ui';
import { t } from '../language/t';
import { type ThroughlineDataSource } from './datasource';
import { MetricsFields } from './MetricsFields';
import { type ThroughlineOptions } from './options';
import { type QueryType, type Scope, type ThroughlineQuery, type TraceView } from './query';
import { SearchFields } from './SearchFields';
import { TextField } from './TextField';

type Props = QueryEditorProps<ThroughlineDataSource, ThroughlineQuery, ThroughlineOptions>;

// Made when they are shown: only then the language is known.
const types = () => [
  { label: t('query.type.search', 'Search'), value: 'search' as QueryType, description: t('query.type.search-help', 'A list of requests') },
  { label: t('query.type.trace', 'Trace'), value: 'trace' as QueryType, description: t('query.type.trace-help', 'One trace, by an id') },
  { label: t('query.type.metrics', 'Metrics'), value: 'metrics' as QueryType, description: t('query.type.metrics-help', 'Rate, errors and durations of requests') },
  { label: t('query.type.map', 'Service map'), value: 'serviceMap' as QueryType, description: t('query.type.map-help', 'Who calls whom') },
];

const views = () => [
  { label: t('query.view.flame', 'Flame graph'), value: 'flame' as TraceView, description: t('query.view.flame-help', "Throughline's own panel, with every hop") },
  { label: t('query.view.trace', "Grafana's trace view"), value: 'trace' as TraceView },
  { label: t('query.view.both', 'Both'), value: 'both' as TraceView },
];

const scopes = () => [
  { label: t('query.scope.roots', 'Traces'), value: 'roots' as Scope, description: t('query.scope.roots-help', 'Found by any of their spans') },
  { label: t('query.scope.requests', 'Requests'), value: 'requests' as Scope, description: t('query.scope.requests-help', 'Every request where it was served') },
  { label: t('query.scope.all', 'All spans'), value: 'all' as Scope },
];

// A scope that is none of them, such as a variable, is one to choose, too: or else nothing is chosen.
const scopesWith = (chosen: string) => {
  const known: Array<{ label: string; value: string; description?: string }> = scopes();
  return known.some((o) => o.value === chosen) ? known : [...known, { label: chosen, value: chosen }];
};

const docs = 'https://github.com/throughline-io/throughline/blob/main/pkg/plugin/README.md';

// The backend knows the forms that ids come in; this tells a word from an id.
const traceId = (text: string) =>
  /^\s*"?(0x)?[0-9a-f-]*"?\s*$/i.test(text) || text.includes('$')
    ? undefined
    : t('query.trace.wrong', 'A trace id has up to 32 hex digits, the id of a span up to 16');

export function QueryEditor({ datasource, query, onChange, onRunQuery, app, range }: Props) {
  const type = query.queryType ?? 'search';
  const set = (part: Partial<ThroughlineQuery>) => {
    onChange({ ...query, queryType: type, ...part });
    onRunQuery();
  };
  const scope = !query.scope || query.scope === 'auto' ? 'roots' : query.scope;
  const suggest = (key: string, text: string) => datasource.suggest(key, text, query, range);
  const keys = (text: string) => datasource.suggestKeys(text, range);
  const shown = app === CoreApp.UnifiedAlerting ? types().filter((o) => o.value === 'metrics') : types();
  return (
    <>
      <InlineFieldRow>
        {type !== 'annotations' && (
          <InlineField label={t('query.kind', 'Query')} labelWidth={14}>
            <RadioButtonGroup<QueryType>
              aria-label={t('query.kind-of', 'Kind of query')}
              options={shown}
              value={type}
              onChange={(queryType) => set({ queryType })}
            />
          </InlineField>
        )}
        <InlineField transparent label="">
          <TextLink href={docs} external inline={false} variant="bodySmall">
            {t('query.docs', 'What queries can say')}
          </TextLink>
        </InlineField>
      </InlineFieldRow>
      {type === 'trace' && (
        <InlineFieldRow>
          <TextField
            label={t('query.trace.id', 'Trace or span id')}
            labelWidth={18}
            width={44}
            tooltip={t('query.trace.id-help', 'A trace id (up to 32 hex digits), or the id of any span of it (up to 16), as any tool writes it')}
            placeholder="4bf92f3577b34da6a3ce929d0e0e4736"
            value={query.query}
            check={traceId}
            onChange={(id) => set({ query: id })}
          />
          <InlineField label={t('query.show-as', 'Show as')}>
            <RadioButtonGroup<TraceView>
              aria-label={t('query.show-as', 'Show as')}
              options={views()}
              value={query.view ?? 'flame'}
              onChange={(view) => set({ view })}
            />
          </InlineField>
        </InlineFieldRow>
      )}
      {type === 'search' && (
        <InlineFieldRow>
          <InlineField label={t('query.rows', 'Rows')} labelWidth={14}>
            <RadioButtonGroup<string>
              aria-label={t('query.rows', 'Rows')}
              options={scopesWith(scope)}
              value={scope}
              onChange={(to) => set({ scope: to })}
            />
          </InlineField>
          <TextField
            label={t('query.limit', 'Rows at most')}
            labelWidth={16}
            width={10}
            placeholder="100"
            value={query.limit ? String(query.limit) : ''}
            check={(text) => (/^\d*$/.test(text) ? undefined : t('query.number', 'A number'))}
            onChange={(text) => set({ limit: Number(text) || undefined })}
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
