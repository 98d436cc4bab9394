import React from 'react';
import { t } from '../../language/t';
import { clip } from '../../trace/clip';
import { readable } from '../../trace/details/readable';
import type { KeyDifference, Shares } from '../../trace/differences';
import { useTrace } from '../context';
import { RowActions } from '../details/RowActions';

const OWN_FIELDS: Record<string, string> = { name: 'name', service: 'service' };

/** A key, and how often each side has its values. */
export function KeyRow({ difference: d }: { difference: KeyDifference }) {
  const { act, state } = useTrace();
  const colours = OWN_FIELDS[d.key] === undefined || d.of !== 'field' || d.key === 'service';
  return (
    <section className="tl-differs" data-testid="differs" aria-label={d.key}>
      <div className="tl-stack-head">
        <h5 className="tl-mono" title={d.key}>
          {clip(d.key, 80)}
        </h5>
        <span className="tl-dim">{d.of === 'field' ? '' : d.of === 'resource' ? t('differing.of-resource', 'of the resource') : t('differing.of-span', 'of the span')}</span>
        <span className="tl-grow" />
        {colours && (
          <button className="tl-link" aria-pressed={state.colourBy === d.key} title={t('differing.colour-help', 'Colours the bars by it')} onClick={() => act.colourBy(state.colourBy === d.key ? 'service' : d.key)}>
            {t('differing.colour', 'Colour')}
          </button>
        )}
      </div>
      {d.numbers ? <Numbers name={d.key} numbers={d.numbers} /> : d.values.map((v) => <ValueRow key={v.value} name={d.key} of={d.of} value={v.value} cut={v.cut === true} share={v.share} />)}
      {d.more > 0 && <div className="tl-dim">{t('differing.more-values', '… and {{n}} more values', { n: d.more })}</div>}
    </section>
  );
}

function ValueRow({ name, of, value, cut, share }: { name: string; of: KeyDifference['of']; value: string; cut: boolean; share: Shares }) {
  return (
    <div className="tl-differs-value">
      <span className="tl-differs-name" title={value}>
        {value === '' ? <i className="tl-dim">{t('differing.not-set', 'not set')}</i> : <span className="tl-mono">{value + (cut ? '…' : '')}</span>}
        {value !== '' && !cut && of !== 'field' && <RowActions attribute={{ key: name, value }} of={of} />}
      </span>
      <span className="tl-differs-bars" aria-hidden>
        <i style={{ width: `${share[0] * 100}%` }} />
        <i style={{ width: `${share[1] * 100}%` }} />
      </span>
      <span className="tl-differs-shares">
        <b>{percent(share[0])}</b> <span className="tl-dim">{percent(share[1])}</span>
      </span>
    </div>
  );
}

function Numbers({ name, numbers: [selected, others] }: { name: string; numbers: NonNullable<KeyDifference['numbers']> }) {
  const words = (n: number) => readable(name, n).text;
  const side = ([low, middle, high]: readonly number[]) => (
    <>
      <b>{words(middle)}</b> <span className="tl-dim">{`${words(low)} … ${words(high)}`}</span>
    </>
  );
  return (
    <dl className="tl-kv">
      <dt>{t('differing.these-short', 'these')}</dt>
      <dd>{side(selected)}</dd>
      <dt>{t('differing.others', 'others')}</dt>
      <dd>{side(others)}</dd>
    </dl>
  );
}

const percent = (share: number): string => (share > 0 && share < 0.01 ? '<1%' : share < 1 && share > 0.99 ? '>99%' : `${Math.round(share * 100)}%`);
