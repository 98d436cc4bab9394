import React from 'react';
import type { Remark } from '../../trace/remarks';
import { useTrace } from '../context';

// What kind of remark it is, before its words say it.
const KINDS: Record<Exclude<Remark['kind'], 'error'>, [mark: string, name: string]> = {
  retry: ['↻', 'Tried again'],
  async: ['⇢', 'Beside the answer'],
  skew: ['◷', 'Clocks'],
  partial: ['◌', 'Partial'],
};

/** What must be known beside the answer; a press leads to where it shows. Errors have their own button. */
export function Remarks({ remarks }: { remarks: readonly Remark[] }) {
  const { select } = useTrace();
  return remarks.map(({ kind, text, row }) => {
    if (kind === 'error') {
      return null;
    }
    const [mark, name] = KINDS[kind];
    return (
      <button key={`${kind} ${text}`} className="tl-remark" data-kind={kind} title={`${name}: ${text}`} onClick={() => select(row, true)}>
        <span aria-hidden>{mark}</span>
        <b>{name}</b>
        <span className="tl-clip">{text}</span>
      </button>
    );
  });
}
