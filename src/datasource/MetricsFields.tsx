import React from 'react';
import { InlineField, InlineFieldRow, MultiCombobox, RadioButtonGroup } from '@grafana/ui';
import { t } from '../language/t';
import { type ThroughlineQuery } from './query';
import { TextField } from './TextField';

interface Props {
  query: ThroughlineQuery;
  onChange: (part: Partial<ThroughlineQuery>) => void;
}

const option = (value: string) => ({ value, label: value });

const metrics = () => [
  { value: 'rate', label: t('metrics.rate', 'Rate'), description: t('metrics.rate-help', 'Requests per second') },
  { value: 'errors', label: t('metrics.errors', 'Errors'), description: t('metrics.errors-help', 'Failed requests per second') },
  { value: 'errorRatio', label: t('metrics.ratio', 'Error ratio'), description: t('metrics.ratio-help', 'Failed of all, 0 to 1') },
  { value: 'retransmissions', label: t('metrics.retransmissions', 'Retransmissions'), description: t('metrics.retransmissions-help', 'Packets sent again per second, as NET spans saw them') },
  { value: 'retransmissionRatio', label: t('metrics.retransmission-ratio', 'Retransmissions per request'), description: t('metrics.retransmission-ratio-help', 'Packets sent again for each request, as NET spans saw them') },
  { value: 'count', label: t('metrics.count', 'Count') },
  { value: 'mean', label: t('metrics.mean', 'Mean duration') },
  { value: 'p50', label: t('metrics.p50', 'p50 of duration') },
  { value: 'p90', label: t('metrics.p90', 'p90 of duration') },
  { value: 'p99', label: t('metrics.p99', 'p99 of duration') },
];

const groups = ['service', 'client', 'namespace', 'workload', 'protocol', 'request', 'status', 'source', 'point', 'node'].map(
  option
);

const formats = () => [
  { value: 'timeseries' as const, label: t('metrics.format.timeseries', 'Time series') },
  { value: 'numeric' as const, label: t('metrics.format.numeric', 'Numbers'), description: t('metrics.format.numeric-help', 'One for each series, for alerts and expressions') },
  { value: 'table' as const, label: t('metrics.format.table', 'Table') },
  { value: 'heatmap' as const, label: t('metrics.format.heatmap', 'Heatmap') },
];

const observed = () => [
  { value: 'served' as const, label: t('metrics.served', 'Where served'), description: t('metrics.served-help', 'Each request once, by its server') },
  { value: 'called' as const, label: t('metrics.called', 'Where called'), description: t('metrics.called-help', 'Each request once, by its client') },
  { value: 'all' as const, label: t('metrics.all', 'Every hop'), description: t('metrics.all-help', 'All spans: for durations by point and source') },
];

const names = (options: Array<{ value: string }>) => (options.length ? options.map((o) => o.value) : undefined);

/** What of the requests is counted, and by what. */
export function MetricsFields({ query, onChange }: Props) {
  const format = query.format ?? 'timeseries';
  return (
    <>
      <InlineFieldRow>
        <InlineField label={t('metrics.format.label', 'Format')} labelWidth={14}>
          <RadioButtonGroup aria-label={t('metrics.format.label', 'Format')} options={formats()} value={format} onChange={(f) => onChange({ format: f })} />
        </InlineField>
        <InlineField label={t('metrics.observed', 'Count')}>
          <RadioButtonGroup
            aria-label={t('metrics.observed', 'Count')}
            options={observed()}
            value={query.observed ?? 'served'}
            onChange={(o) => onChange({ observed: o })}
          />
        </InlineField>
      </InlineFieldRow>
      {format !== 'heatmap' && (
        <InlineFieldRow>
          <InlineField label={t('metrics.label', 'Metrics')} labelWidth={14} tooltip={t('metrics.help', 'Any percentile can be typed, such as p99.9')}>
            <MultiCombobox
              aria-label={t('metrics.label', 'Metrics')}
              width={40}
              options={metrics()}
              value={query.metrics ?? ['rate']}
              createCustomValue
              onChange={(m) => onChange({ metrics: names(m) })}
            />
          </InlineField>
          <InlineField label={t('metrics.by', 'By')}>
            <MultiCombobox
              aria-label={t('metrics.by', 'By')}
              width={40}
              placeholder={t('metrics.together', 'all together')}
              options={groups}
              value={query.groupBy ?? []}
              onChange={(g) => onChange({ groupBy: names(g) })}
            />
          </InlineField>
          <TextField
            label={t('metrics.limit', 'Series at most')}
            labelWidth={16}
            width={10}
            placeholder="20"
            value={query.limit ? String(query.limit) : ''}
            check={(text) => (/^\d*$/.test(text) ? undefined : t('query.number', 'A number'))}
            onChange={(text) => onChange({ limit: Number(text) || undefined })}
          />
        </InlineFieldRow>
      )}
    </>
  );
}
