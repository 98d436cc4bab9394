import React from 'react';
import { andMore } from '../../language/counts';
import { t } from '../../language/t';
import { clip } from '../../trace/clip';
import type { Attribute } from '../../trace/details/attribute';
import { RowActions, type Of } from './RowActions';
import { Value } from './Value';

/** More are counted, not shown. */
const MOST = 400;

/** Characters of a key; a title has the rest. */
const LONG = 100;

/** Keys and values, each with what can be done with it. */
export function Rows({ list, of }: { list: readonly Attribute[]; of: Of }) {
  if (list.length === 0) {
    return <span className="tl-dim">{t('details.none', 'none')}</span>;
  }
  return (
    <>
      <dl className="tl-kv tl-rows">
        {list.slice(0, MOST).map((a, k) => (
          <React.Fragment key={`${k}${a.key}`}>
            <dt className="tl-mono" title={a.key.length > LONG ? a.key : undefined}>
              {clip(a.key, LONG)}
            </dt>
            <dd className="tl-mono">
              <Value name={a.key} value={a.value} />
              <RowActions attribute={a} of={of} />
            </dd>
          </React.Fragment>
        ))}
      </dl>
      {list.length > MOST && <div className="tl-dim">{andMore(list.length - MOST)}</div>}
    </>
  );
}
