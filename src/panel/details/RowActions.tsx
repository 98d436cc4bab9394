import React from 'react';
import type { Attribute } from '../../trace/details/attribute';
import { CopyButton } from './CopyButton';

/** What a row is of: an attribute of a span or of its resource, or something else. */
export type Of = 'span' | 'resource' | 'other';

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** What can be done with a row; shown when the pointer or the keyboard is on it. */
export function RowActions({ attribute }: { attribute: Attribute; of: Of }) {
  return (
    <span className="tl-row-acts">
      <CopyButton text={wordOf(attribute.value)} what={attribute.key} />
    </span>
  );
}
