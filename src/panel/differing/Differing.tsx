// Which attributes differ between chosen spans and others: of many alike spans, of a marked time,
// of what was found.
import React, { useMemo, useState } from 'react';
import { spans } from '../../language/counts';
import { t } from '../../language/t';
import { formatCount } from '../../trace/format';
import { MOST_COMPARED, type Against } from '../../trace/sides';
import type { Hits } from '../../trace/find/search';
import { useTrace } from '../context';
import { Sheet, type Place } from '../drawer/Sheet';
import { KeyRow } from './KeyRow';
import { chosenRows } from './chosen';
import { useDifferences } from './useDifferences';

const sidesOffered = (): ReadonlyArray<[against: Against, name: string, title: string]> => [
  ['rest', t('differing.rest', 'The rest'), t('differing.rest-help', 'against other spans of their kind')],
  ['slow', t('differing.slow', 'Slow and fast'), t('differing.slow-help', 'the slower half of each kind against the faster')],
  ['failed', t('differing.failed', 'Failed'), t('differing.failed-help', 'those that failed against the others')],
];

const which = (of: 'alike' | 'range' | 'found', rows: number, query: string): string =>
  ({
    alike: t('differing.of-alike', '{{spans}} alike', { spans: spans(rows) }),
    range: t('differing.of-range', '{{spans}} in the marked time', { spans: spans(rows) }),
    found: t('differing.of-found', '{{spans}} found: {{query}}', { spans: spans(rows), query }),
  })[of];

/** What the two sides are called where they are counted. */
const sideNames = (against: Against): readonly [string, string] =>
  ({
    rest: [t('differing.these', 'of these'), t('differing.others', 'others')],
    slow: [t('differing.slower', 'slower'), t('differing.faster', 'faster')],
    failed: [t('differing.that-failed', 'failed'), t('differing.others', 'others')],
  } as const)[against];

export function Differing({ hits, ...place }: Place & { hits: Hits | null }) {
  const { analysis, layout, state, act } = useTrace();
  const { differing: of, selected, range, query } = state;
  const rows = useMemo(() => chosenRows(of, analysis.trace, layout, { selected, range, hits }), [of, analysis.trace.text.id, layout, selected, range, hits]); // eslint-disable-line react-hooks/exhaustive-deps -- colours choose no rows
  const failed = useMemo(() => rows.some((i) => analysis.trace.error[i] === 1), [rows, analysis.trace.error]);
  // Alike spans have no others of their kind: what makes some of them slow is the question then.
  const [wanted, setWanted] = useState<Against>(of === 'alike' ? 'slow' : 'rest');
  const against = wanted === 'failed' && !failed ? 'slow' : wanted;
  const { sides, found, error } = useDifferences(rows, against);
  if (of === '') {
    return null;
  }
  const [these, others] = sides.all;
  const [ofThese, ofOthers] = sideNames(against);
  return (
    <Sheet row={selected} label={t('differing.title', 'Which attributes differ')} {...place}>
      <header>
        <button className="tl-close" aria-label={t('drawer.close', 'Close')} onClick={() => act.differ('')}>
          ✕
        </button>
        <h4>{t('differing.title', 'Which attributes differ')}</h4>
        <div className="tl-dim">
          {which(of, rows.length, query)}
        </div>
      </header>
      <section>
        <div className="tl-group" role="group" aria-label={t('differing.compared', 'Compared')}>
          {sidesOffered().filter(([name]) => name !== 'failed' || failed).map(([name, words, title]) => (
            <button key={name} aria-pressed={against === name} title={title} onClick={() => setWanted(name)}>
              {words}
            </button>
          ))}
        </div>
        <div className="tl-differs-legend">
          <i /> <b>{formatCount(these)}</b> {ofThese} <i /> <b>{formatCount(others)}</b> {ofOthers}
        </div>
        {Math.max(these, others) > MOST_COMPARED && <div className="tl-dim">{t('differing.at-most', 'At most {{n}} of each are compared, evenly spread.', { n: formatCount(MOST_COMPARED) })}</div>}
      </section>
      <div role="status">
        {these === 0 || others === 0 ? (
          <p className="tl-differs-note tl-dim">{t('differing.nothing', 'There is nothing to compare them with.')}</p>
        ) : error !== undefined ? (
          <p className="tl-differs-note tl-failed">{t('differing.error', 'Attributes could not be compared: {{why}}', { why: error })}</p>
        ) : !found ? (
          <p className="tl-differs-note tl-dim">{t('differing.working', 'Comparing attributes …')}</p>
        ) : (
          found.keys.length === 0 && <p className="tl-differs-note tl-dim">{t('differing.none', 'No attribute differs by more than chance.')}</p>
        )}
      </div>
      {found?.keys.map((d) => (
        <KeyRow key={`${d.of} ${d.key}`} difference={d} />
      ))}
      {found && found.leftOut.length > 0 && <p className="tl-differs-note tl-dim">{t('differing.left-out', 'Not listed: {{what}}.', { what: found.leftOut.join('; ') })}</p>}
    </Sheet>
  );
}
