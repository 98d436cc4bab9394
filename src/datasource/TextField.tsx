import React, { useEffect, useId, useState } from 'react';
import { InlineField, Input } from '@grafana/ui';

interface Props {
  label: string;
  tooltip?: string;
  placeholder?: string;
  width?: number;
  labelWidth?: number;
  grow?: boolean;
  value?: string;
  check?: (value: string) => string | undefined; // what is wrong with it
  onChange: (value: string) => void;
}

/** A text that counts when it is left, or with Enter; Escape takes the change back. */
export function TextField({ label, tooltip, placeholder, width, labelWidth = 14, grow, value = '', check, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]); // a link or the other editor has set it
  const wrong = check?.(text.trim());
  const commit = () => {
    const trimmed = text.trim();
    if (!wrong && trimmed !== value) {
      onChange(trimmed);
    }
  };
  return (
    <InlineField
      label={label}
      labelWidth={labelWidth}
      tooltip={tooltip}
      htmlFor={id}
      grow={grow}
      invalid={Boolean(wrong)}
      error={wrong}
    >
      <Input
        id={id}
        aria-label={label}
        width={width}
        value={text}
        placeholder={placeholder}
        onChange={(e) => setText(e.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(e) => {
          if (e.key === 'Enter') {
            commit();
          } else if (e.key === 'Escape') {
            setText(value);
          }
        }}
      />
    </InlineField>
  );
}
