// Which attributes differ between chosen spans and others: of many alike spans, of a marked time,
// of what was found.
import React, { useMemo, useState } from 'react';
import { formatCount, plural } from '../../trace/format';
import { MOST_COMPARED, type Against } from '../../trace/sides';
import type { Hits } from '../../trace/find/search';
import { useTrace } from '../context';
import { Sheet, type Place } from '../drawer/Sheet';
import { KeyRow } from './KeyRow';
import { chosenRows } from './chosen';
import { useDifferences } from './useDifferences';

const SIDES: ReadonlyArray<[against: Against, name: string, title: string]> = [
  ['rest', 'The rest', 'against other spans of their kind'],
  ['slow', 'Slow and fast', 'the slower half of each kind against the faster'],
  ['failed', 'Failed', 'those that failed against the others'],
];

const WORDS = { alike: 'alike', range: 'in the marked time', found: 'found' };

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
  return (
    <Sheet row={selected} label="Which attributes differ" {...place}>
      <header>
        <button className="tl-close" aria-label="Close" onClick={() => act.differ('')}>
          ✕
        </button>
        <h4>Which attributes differ</h4>
        <div className="tl-dim">
          {plural(rows.length, 'span')} {WORDS[of]}
          {of === 'found' ? `: ${query}` : ''}
        </div>
      </header>
      <section>
        <div className="tl-group" role="group" aria-label="Compared">
          {SIDES.filter(([name]) => name !== 'failed' || failed).map(([name, words, title]) => (
            <button key={name} aria-pressed={against === name} title={title} onClick={() => setWanted(name)}>
              {words}
            </button>
          ))}
        </div>
        <div className="tl-differs-legend">
          <i /> <b>{formatCount(these)}</b> {against === 'rest' ? 'of these' : against === 'slow' ? 'slower' : 'failed'} <i /> <b>{formatCount(others)}</b>{' '}
          {against === 'rest' ? 'others' : against === 'slow' ? 'faster' : 'others'}
        </div>
        {Math.max(these, others) > MOST_COMPARED && <div className="tl-dim">At most {formatCount(MOST_COMPARED)} of each are compared, evenly spread.</div>}
      </section>
      <div role="status">
        {these === 0 || others === 0 ? (
          <p className="tl-differs-note tl-dim">There is nothing to compare them with.</p>
        ) : error !== undefined ? (
          <p className="tl-differs-note tl-failed">Attributes could not be compared: {error}</p>
        ) : !found ? (
          <p className="tl-differs-note tl-dim">Comparing attributes …</p>
        ) : (
          found.keys.length === 0 && <p className="tl-differs-note tl-dim">No attribute differs by more than chance.</p>
        )}
      </div>
      {found?.keys.map((d) => (
        <KeyRow key={`${d.of} ${d.key}`} difference={d} />
      ))}
      {found && found.leftOut.length > 0 && <p className="tl-differs-note tl-dim">Not listed: {found.leftOut.join('; ')}.</p>}
    </Sheet>
  );
}
