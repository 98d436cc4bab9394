import React from 'react';
import { Button, InlineFieldRow } from '@grafana/ui';
import { t } from '../language/t';
import { type TagMapping } from '../trace/signals';
import { TextField } from './TextField';

interface Props {
  tags: TagMapping[];
  onChange: (tags: TagMapping[]) => void;
}

/** Which tags of a span become conditions, and what the other data source calls them. */
export function TagMappings({ tags, onChange }: Props) {
  const set = (i: number, part: Partial<TagMapping>) => onChange(tags.map((tag, n) => (n === i ? { ...tag, ...part } : tag)));
  return (
    <>
      {tags.map((tag, i) => (
        <InlineFieldRow key={i} role="group" aria-label={t('signals.tag.group', 'Tag {{number}}', { number: i + 1 })}>
          <TextField
            label={t('signals.tag.key', 'Tag')}
            tooltip={t('signals.tag.key-help', 'Spans of code, system calls and packets have: k8s.pod.name, k8s.namespace.name, k8s.node.name, host.name, service.name; system calls also process.pid')}
            width={28}
            value={tag.key}
            placeholder="k8s.pod.name"
            onChange={(key) => set(i, { key })}
          />
          <TextField label={t('signals.tag.value', 'is there')} width={24} value={tag.value} placeholder="pod" onChange={(value) => set(i, { value: value || undefined })} />
          <Button variant="secondary" icon="times" aria-label={t('signals.tag.remove', 'Remove tag {{number}}', { number: i + 1 })} onClick={() => onChange(tags.filter((_, n) => n !== i))} />
        </InlineFieldRow>
      ))}
      <InlineFieldRow>
        <Button variant="secondary" size="sm" icon="plus" onClick={() => onChange([...tags, { key: '' }])}>
          {t('signals.tag.add', 'Add a tag')}
        </Button>
      </InlineFieldRow>
    </>
  );
}
