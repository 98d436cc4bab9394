import React from 'react';
import { type QueryEditorProps } from '@grafana/data';
import { InlineField, InlineFieldRow, Input, RadioButtonGroup } from '@grafana/ui';
import { type ThroughlineDataSource } from './datasource';
import { type QueryType, type Scope, type ThroughlineOptions, type ThroughlineQuery, type TraceView } from './query';

type Props = QueryEditorProps<ThroughlineDataSource, ThroughlineQuery, ThroughlineOptions>;

const types = [
  { label: 'Search', value: 'search' as QueryType },
  { label: 'Trace', value: 'trace' as QueryType },
];

const views = [
  { label: 'Flame graph', value: 'flame' as TraceView },
  { label: "Grafana's trace view", value: 'trace' as TraceView },
  { label: 'Both', value: 'both' as TraceView },
];

const scopes = [
  { label: 'Roots', value: 'roots' as Scope, description: 'Where traces begin' },
  { label: 'Requests', value: 'requests' as Scope, description: 'One row per request between processes' },
  { label: 'All spans', value: 'all' as Scope },
];

const searchFields: Array<{ key: keyof ThroughlineQuery & string; label: string; placeholder: string }> = [
  { key: 'namespace', label: 'Namespace', placeholder: 'any' },
  { key: 'workload', label: 'Workload', placeholder: 'any' },
  { key: 'service', label: 'Service', placeholder: 'any' },
  { key: 'protocol', label: 'Protocol', placeholder: 'HTTP, MySQL' },
  { key: 'requestResource', label: 'Request', placeholder: '*order*' },
  { key: 'status', label: 'Status', placeholder: 'ok, server error' },
  { key: 'minDuration', label: 'Longer than', placeholder: '5ms' },
  { key: 'maxDuration', label: 'Shorter than', placeholder: '10s' },
];

export function QueryEditor({ query, onChange, onRunQuery }: Props) {
  const type = query.queryType === 'trace' ? 'trace' : 'search';
  const set = (part: Partial<ThroughlineQuery>) => {
    onChange({ ...query, queryType: type, ...part });
    onRunQuery();
  };
  return (
    <>
      <InlineFieldRow>
        <InlineField label="Query" labelWidth={14}>
          <RadioButtonGroup<QueryType> options={types} value={type} onChange={(queryType) => set({ queryType })} />
        </InlineField>
      </InlineFieldRow>
      {type === 'trace' ? (
        <InlineFieldRow>
          <InlineField
            label="Trace or span id"
            labelWidth={18}
            tooltip="A trace id (32 hex digits), or the id of any span of it (16 hex digits)"
          >
            <Input
              width={42}
              defaultValue={query.query ?? ''}
              placeholder="4bf92f3577b34da6a3ce929d0e0e4736"
              onBlur={(e) => set({ query: e.currentTarget.value.trim() })}
              onKeyDown={(e) => e.key === 'Enter' && set({ query: e.currentTarget.value.trim() })}
            />
          </InlineField>
          <InlineField label="Show as">
            <RadioButtonGroup<TraceView>
              options={views}
              value={query.view ?? 'flame'}
              onChange={(view) => set({ view })}
            />
          </InlineField>
        </InlineFieldRow>
      ) : (
        <>
          <InlineFieldRow>
            {searchFields.map(({ key, label, placeholder }) => (
              <InlineField key={key} label={label} labelWidth={14}>
                <Input
                  width={20}
                  aria-label={label}
                  defaultValue={String(query[key] ?? '')}
                  placeholder={placeholder}
                  onBlur={(e) => set({ [key]: e.currentTarget.value.trim() })}
                  onKeyDown={(e) => e.key === 'Enter' && set({ [key]: e.currentTarget.value.trim() })}
                />
              </InlineField>
            ))}
          </InlineFieldRow>
          <InlineFieldRow>
            <InlineField label="Rows" labelWidth={14}>
              <RadioButtonGroup<Scope>
                options={scopes}
                value={(query.scope ?? "roots") as Scope}
                onChange={(scope) => set({ scope })}
              />
            </InlineField>
            <InlineField label="Limit">
              <Input
                type="number"
                width={10}
                min={1}
                defaultValue={query.limit}
                placeholder="100"
                onBlur={(e) => set({ limit: e.currentTarget.valueAsNumber || undefined })}
              />
            </InlineField>
          </InlineFieldRow>
        </>
      )}
    </>
  );
}
