import React from 'react';
import type { Attribute } from '../../trace/details/attribute';
import { RowActions, type Of } from './RowActions';
import { Value } from './Value';

/** More are counted, not shown. */
const MOST = 400;

/** Keys and values, each with what can be done with it. */
export function Rows({ list, of }: { list: readonly Attribute[]; of: Of }) {
  if (list.length === 0) {
    return <span className="tl-dim">none</span>;
  }
  return (
    <>
      <dl className="tl-kv tl-rows">
        {list.slice(0, MOST).map((a, k) => (
          <React.Fragment key={`${k}${a.key}`}>
            <dt className="tl-mono">{a.key}</dt>
            <dd className="tl-mono">
              <Value name={a.key} value={a.value} />
              <RowActions attribute={a} of={of} />
            </dd>
          </React.Fragment>
        ))}
      </dl>
      {list.length > MOST && <div className="tl-dim">… and {list.length - MOST} more</div>}
    </>
  );
}
