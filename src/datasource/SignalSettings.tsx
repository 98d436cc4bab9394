import React from 'react';
import { Button, Field, InlineField, InlineFieldRow, Input, Switch, TextLink } from '@grafana/ui';
import { DataSourcePicker } from '@grafana/runtime';
import { t } from '../language/t';
import { podTags, readShift, serviceTags, type LogsSettings, type MetricsSettings, type ProfilesSettings, type SignalSettings } from '../trace/signals';
import { Section } from './Section';
import { TagMappings } from './TagMappings';
import { TextField } from './TextField';

interface Props {
  settings: SignalSettings;
  onChange: (part: SignalSettings) => void;
}

const docs = 'https://github.com/throughline-io/throughline/blob/main/pkg/plugin/README.md#links-to-logs-metrics-and-profiles';

// What a setting begins with: the logs and figures of the pod, which spans of every source have.
const aroundSpan = { spanStartTimeShift: '-1m', spanEndTimeShift: '1m' };
const podCpu = { name: 'CPU of the pod', query: 'sum(rate(container_cpu_usage_seconds_total{$__tags}[5m]))' };

/** Where a span's links to logs, metrics and profiles lead, in Explore's trace view and in our panel. */
export function SignalSettingsEditor({ settings, onChange }: Props) {
  const { tracesToLogsV2: logs = {}, tracesToMetrics: metrics = {}, tracesToProfiles: profiles = {} } = settings;
  const setLogs = (part: LogsSettings) => onChange({ tracesToLogsV2: { ...logs, ...part } });
  const setMetrics = (part: MetricsSettings) => onChange({ tracesToMetrics: { ...metrics, ...part } });
  const setProfiles = (part: ProfilesSettings) => onChange({ tracesToProfiles: { ...profiles, ...part } });
  const queries = metrics.queries ?? [];
  const setQuery = (i: number, part: { name?: string; query?: string }) => setMetrics({ queries: queries.map((q, n) => (n === i ? { ...q, ...part } : q)) });
  return (
    <>
      <p>
        <TextLink href={docs} external inline>
          {t('signals.docs', "How a span's links to logs, metrics and profiles are made")}
        </TextLink>
      </p>
      <Section title={t('signals.logs.title', 'Trace to logs')}>
        <Source
          id="tl-logs-source"
          kind={{ logs: true }}
          uid={logs.datasourceUid}
          onChange={(datasourceUid) => setLogs({ ...(logs.tags || !datasourceUid ? {} : { ...aroundSpan, tags: [...podTags] }), datasourceUid })}
        />
        {logs.datasourceUid && (
          <>
            <Shifts of={logs} onChange={setLogs} />
            <TagMappings tags={logs.tags ?? []} onChange={(tags) => setLogs({ tags })} />
            <Toggle label={t('signals.logs.by-trace', 'Only lines with the trace id')} value={logs.filterByTraceID} disabled={logs.customQuery} onChange={(filterByTraceID) => setLogs({ filterByTraceID })} />
            <Toggle label={t('signals.logs.by-span', 'Only lines with the span id')} value={logs.filterBySpanID} disabled={logs.customQuery} onChange={(filterBySpanID) => setLogs({ filterBySpanID })} />
            <OwnQuery of={logs} placeholder={'{${__tags}} |= "${__span.traceId}"'} onChange={setLogs} />
          </>
        )}
      </Section>
      <Section title={t('signals.metrics.title', 'Trace to metrics')}>
        <Source
          id="tl-metrics-source"
          kind={{ metrics: true }}
          uid={metrics.datasourceUid}
          onChange={(datasourceUid) => setMetrics({ ...(metrics.queries || !datasourceUid ? {} : { ...aroundSpan, tags: [...podTags], queries: [podCpu] }), datasourceUid })}
        />
        {metrics.datasourceUid && (
          <>
            <Shifts of={metrics} onChange={setMetrics} />
            <TagMappings tags={metrics.tags ?? []} onChange={(tags) => setMetrics({ tags })} />
            {queries.map((q, i) => (
              <InlineFieldRow key={i} role="group" aria-label={t('signals.metrics.query', 'Query {{number}}', { number: i + 1 })}>
                <TextField label={t('signals.metrics.name', 'Link name')} width={24} value={q.name} onChange={(name) => setQuery(i, { name })} />
                <TextField label={t('signals.query', 'Query')} grow value={q.query} placeholder={podCpu.query} onChange={(query) => setQuery(i, { query })} />
                <Button
                  variant="secondary"
                  icon="times"
                  aria-label={t('signals.metrics.remove', 'Remove query {{number}}', { number: i + 1 })}
                  onClick={() => setMetrics({ queries: queries.filter((_, n) => n !== i) })}
                />
              </InlineFieldRow>
            ))}
            <Button variant="secondary" size="sm" icon="plus" onClick={() => setMetrics({ queries: [...queries, { name: '', query: '' }] })}>
              {t('signals.metrics.add', 'Add a query')}
            </Button>
          </>
        )}
      </Section>
      <Section title={t('signals.profiles.title', 'Trace to profiles')}>
        <Source
          id="tl-profiles-source"
          kind={{ type: 'grafana-pyroscope-datasource' }}
          uid={profiles.datasourceUid}
          onChange={(datasourceUid) => setProfiles({ ...(profiles.tags || !datasourceUid ? {} : { tags: [...serviceTags] }), datasourceUid })}
        />
        {profiles.datasourceUid && (
          <>
            <TagMappings tags={profiles.tags ?? []} onChange={(tags) => setProfiles({ tags })} />
            <TextField
              label={t('signals.profiles.type', 'Profile type')}
              width={50}
              value={profiles.profileTypeId}
              placeholder="process_cpu:cpu:nanoseconds:cpu:nanoseconds"
              onChange={(profileTypeId) => setProfiles({ profileTypeId: profileTypeId || undefined })}
            />
            <OwnQuery of={profiles} placeholder={'{${__tags}}'} onChange={setProfiles} />
          </>
        )}
      </Section>
    </>
  );
}

interface SourceProps {
  id: string;
  kind: { logs?: boolean; metrics?: boolean; type?: string };
  uid?: string;
  onChange: (uid: string | undefined) => void;
}

function Source({ id, kind, uid, onChange }: SourceProps) {
  return (
    <Field noMargin htmlFor={id} label={t('signals.source', 'Data source')}>
      <DataSourcePicker inputId={id} {...kind} current={uid} noDefault width={50} placeholder={t('signals.no-source', 'none')} onChange={(ds) => onChange(ds.uid)} onClear={() => onChange(undefined)} />
    </Field>
  );
}

type Shift = { spanStartTimeShift?: string; spanEndTimeShift?: string };

function Shifts({ of, onChange }: { of: Shift; onChange: (part: Shift) => void }) {
  const check = (text: string) => (readShift(text) === undefined ? t('signals.shift.wrong', 'Write it as -1m, 30s or 1h') : undefined);
  return (
    <InlineFieldRow>
      <TextField
        label={t('signals.shift.start', 'From')}
        tooltip={t('signals.shift.start-help', "Added to the span's start; with a minus, time before it")}
        width={12}
        value={of.spanStartTimeShift}
        placeholder="-1m"
        check={check}
        onChange={(text) => onChange({ spanStartTimeShift: text || undefined })}
      />
      <TextField
        label={t('signals.shift.end', 'To')}
        tooltip={t('signals.shift.end-help', "Added to the span's end")}
        width={12}
        value={of.spanEndTimeShift}
        placeholder="1m"
        check={check}
        onChange={(text) => onChange({ spanEndTimeShift: text || undefined })}
      />
    </InlineFieldRow>
  );
}

function Toggle({ label, value, disabled, onChange }: { label: string; value?: boolean; disabled?: boolean; onChange: (on: boolean) => void }) {
  const id = React.useId();
  return (
    <InlineField label={label} labelWidth={32} htmlFor={id} disabled={disabled}>
      <div style={{ paddingTop: 8 }}>
        <Switch id={id} value={Boolean(value) && !disabled} disabled={disabled} onChange={(e) => onChange(e.currentTarget.checked)} />
      </div>
    </InlineField>
  );
}

type Own = { customQuery?: boolean; query?: string };

function OwnQuery({ of, placeholder, onChange }: { of: Own; placeholder: string; onChange: (part: Own) => void }) {
  const id = React.useId();
  return (
    <>
      <Toggle label={t('signals.own-query', 'A query of your own')} value={of.customQuery} onChange={(customQuery) => onChange({ customQuery })} />
      {of.customQuery && (
        <InlineField label={t('signals.query', 'Query')} labelWidth={14} grow htmlFor={id} tooltip={t('signals.query-help', 'It can name the tags above as $__tags, and ${__span.tags["k8s.pod.name"]}, ${__span.spanId}, ${__span.traceId}, ${__span.name}, ${__trace.traceId}')}>
          <Input id={id} value={of.query ?? ''} placeholder={placeholder} onChange={(e) => onChange({ query: e.currentTarget.value })} />
        </InlineField>
      )}
    </>
  );
}
