import React, { useState } from 'react';
import { InlineField, InlineFieldRow, RadioButtonGroup } from '@grafana/ui';
import { t } from '../language/t';
import { type ThroughlineQuery } from './query';
import { FilterRows } from './FilterRows';
import { type Offer, type Suggest } from './offer';
import { emptySearch, parseSearch, printSearch } from './searchText';
import { TextField } from './TextField';
import { ValueField } from './ValueField';

interface Props {
  query: ThroughlineQuery;
  suggest: Suggest;
  keys: (text: string) => Promise<Offer>;
  durations?: boolean; // whether the query can be narrowed by duration and attributes
  onChange: (part: Partial<ThroughlineQuery>) => void;
}

const ways = () => [
  { label: t('search.builder', 'Builder'), value: 'builder' },
  { label: t('search.text', 'Text'), value: 'text' },
];

const duration = (text: string) =>
  !text || /^\d+(\.\d+)?(ns|us|µs|ms|s|m|h)$/.test(text) || text.includes('$')
    ? undefined
    : t('search.duration.wrong', 'Write it as 500us, 5ms or 1.5s');

const readable = (text: string) => {
  try {
    parseSearch(text);
    return undefined;
  } catch (e) {
    return (e as Error).message;
  }
};

/** What narrows a query: fields to fill, or a line of text that says the same. */
export function SearchFields({ query, suggest, keys, durations = true, onChange }: Props) {
  const [way, setWay] = useState('builder');
  const field = (key: 'namespace' | 'workload' | 'service' | 'protocol' | 'status' | 'source', label: string) => (
    <ValueField
      label={label}
      field={key}
      value={query[key]}
      suggest={suggest}
      onChange={(value) => onChange({ [key]: value })}
    />
  );
  return (
    <>
      <InlineFieldRow>
        <InlineField label={t('search.narrow', 'Narrow by')} labelWidth={14}>
          <RadioButtonGroup options={ways()} value={way} onChange={setWay} aria-label={t('search.way', 'Builder or text')} />
        </InlineField>
        {way === 'text' && (
          <TextField
            label={t('search.conditions', 'Conditions')}
            labelWidth={12}
            grow
            tooltip={t('search.conditions-help', 'key=value, with "quotes" around spaces and * for any text; != =~ !~ >= > <= <; duration>5ms; a|b for either; words are a part of the request')}
            placeholder='service=web-shop request=*order* duration>5ms user.id="7"'
            value={printSearch(query)}
            check={readable}
            onChange={(text) => onChange({ ...emptySearch, ...parseSearch(text) })}
          />
        )}
      </InlineFieldRow>
      {way === 'builder' && (
        <>
          <InlineFieldRow>
            {field('namespace', t('search.namespace', 'Namespace'))}
            {field('service', t('search.service', 'Service'))}
            {field('workload', t('search.workload', 'Workload'))}
            <ValueField
              label={t('search.request', 'Request')}
              tooltip={t('search.request-help', 'Path, route, SQL or name of a span; * stands for any text')}
              placeholder="*order*"
              field="request_resource"
              width={32}
              value={query.requestResource}
              suggest={suggest}
              onChange={(requestResource) => onChange({ requestResource })}
            />
          </InlineFieldRow>
          <InlineFieldRow>
            {field('protocol', t('search.protocol', 'Protocol'))}
            {field('status', t('search.status', 'Status'))}
            {field('source', t('search.source', 'Seen by'))}
          </InlineFieldRow>
          {durations && (
            <>
              <InlineFieldRow>
                <TextField
                  label={t('search.longer', 'Longer than')}
                  width={24}
                  placeholder="5ms"
                  value={query.minDuration}
                  check={duration}
                  onChange={(minDuration) => onChange({ minDuration: minDuration || undefined })}
                />
                <TextField
                  label={t('search.shorter', 'Shorter than')}
                  width={24}
                  placeholder="10s"
                  value={query.maxDuration}
                  check={duration}
                  onChange={(maxDuration) => onChange({ maxDuration: maxDuration || undefined })}
                />
              </InlineFieldRow>
              <FilterRows
                filters={query.filters ?? []}
                keys={keys}
                suggest={suggest}
                onChange={(filters) => onChange({ filters: filters.length ? filters : undefined })}
              />
            </>
          )}
        </>
      )}
    </>
  );
}
