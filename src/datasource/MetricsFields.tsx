import React from 'react';
import { InlineField, InlineFieldRow, MultiCombobox, RadioButtonGroup } from '@grafana/ui';
import { type ThroughlineQuery } from './query';
import { TextField } from './TextField';

interface Props {
  query: ThroughlineQuery;
  onChange: (part: Partial<ThroughlineQuery>) => void;
}

const option = (value: string) => ({ value, label: value });

const metrics = [
  { value: 'rate', label: 'Rate', description: 'Requests per second' },
  { value: 'errors', label: 'Errors', description: 'Failed requests per second' },
  { value: 'errorRatio', label: 'Error ratio', description: 'Failed of all, 0 to 1' },
  { value: 'retransmissions', label: 'Retransmissions', description: 'Packets sent again per second, as NET spans saw them' },
  { value: 'retransmissionRatio', label: 'Retransmissions per request', description: 'Packets sent again for each request, as NET spans saw them' },
  { value: 'count', label: 'Count' },
  { value: 'mean', label: 'Mean duration' },
  { value: 'p50', label: 'p50 of duration' },
  { value: 'p90', label: 'p90 of duration' },
  { value: 'p99', label: 'p99 of duration' },
];

const groups = ['service', 'client', 'namespace', 'workload', 'protocol', 'request', 'status', 'source', 'point', 'node'].map(
  option
);

const formats = [
  { value: 'timeseries' as const, label: 'Time series' },
  { value: 'numeric' as const, label: 'Numbers', description: 'One for each series, for alerts and expressions' },
  { value: 'table' as const, label: 'Table' },
  { value: 'heatmap' as const, label: 'Heatmap' },
];

const observed = [
  { value: 'served' as const, label: 'Where served', description: 'Each request once, by its server' },
  { value: 'called' as const, label: 'Where called', description: 'Each request once, by its client' },
  { value: 'all' as const, label: 'Every hop', description: 'All spans: for durations by point and source' },
];

const names = (options: Array<{ value: string }>) => (options.length ? options.map((o) => o.value) : undefined);

/** What of the requests is counted, and by what. */
export function MetricsFields({ query, onChange }: Props) {
  const format = query.format ?? 'timeseries';
  return (
    <>
      <InlineFieldRow>
        <InlineField label="Format" labelWidth={14}>
          <RadioButtonGroup options={formats} value={format} onChange={(f) => onChange({ format: f })} />
        </InlineField>
        <InlineField label="Count">
          <RadioButtonGroup
            options={observed}
            value={query.observed ?? 'served'}
            onChange={(o) => onChange({ observed: o })}
          />
        </InlineField>
      </InlineFieldRow>
      {format !== 'heatmap' && (
        <InlineFieldRow>
          <InlineField label="Metrics" labelWidth={14} tooltip="Any percentile can be typed, such as p99.9">
            <MultiCombobox
              aria-label="Metrics"
              width={40}
              options={metrics}
              value={query.metrics ?? ['rate']}
              createCustomValue
              onChange={(m) => onChange({ metrics: names(m) })}
            />
          </InlineField>
          <InlineField label="By">
            <MultiCombobox
              aria-label="By"
              width={40}
              placeholder="all together"
              options={groups}
              value={query.groupBy ?? []}
              onChange={(g) => onChange({ groupBy: names(g) })}
            />
          </InlineField>
          <TextField
            label="Series at most"
            labelWidth={16}
            width={10}
            placeholder="20"
            value={query.limit ? String(query.limit) : ''}
            check={(t) => (/^\d*$/.test(t) ? undefined : 'A number')}
            onChange={(t) => onChange({ limit: Number(t) || undefined })}
          />
        </InlineFieldRow>
      )}
    </>
  );
}
