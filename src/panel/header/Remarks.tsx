import React from 'react';
import { t } from '../../language/t';
import type { Remark } from '../../trace/remarks';
import { useTrace } from '../context';

// What kind of remark it is, before its words say it.
const kindOf = (kind: Exclude<Remark['kind'], 'error'>): readonly [mark: string, name: string] =>
  ({
    retry: ['↻', t('header.retry', 'Tried again')],
    async: ['⇢', t('header.async', 'Beside the answer')],
    skew: ['◷', t('view.clocks', 'Clocks')],
    partial: ['◌', t('header.partial', 'Partial')],
  } as const)[kind];

/** What must be known beside the answer; a press leads to where it shows. Errors have their own button. */
export function Remarks({ remarks }: { remarks: readonly Remark[] }) {
  const { select } = useTrace();
  return remarks.map(({ kind, text, row }) => {
    if (kind === 'error') {
      return null;
    }
    const [mark, name] = kindOf(kind);
    return (
      <button key={`${kind} ${text}`} className="tl-remark" data-kind={kind} title={`${name}: ${text}`} onClick={() => select(row, true)}>
        <span aria-hidden>{mark}</span>
        <b>{name}</b>
        <span className="tl-clip">{text}</span>
      </button>
    );
  });
}
