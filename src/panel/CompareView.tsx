// This trace beside another one, or beside the normal of its kind: both as graphs, what
// differs in one sentence and as lists.
import React, { useCallback, useMemo, useRef, useState } from 'react';
import { t } from '../language/t';
import type { Usual } from '../trace/asUsual';
import { formatShare, formatTime } from '../trace/format';
import type { Comparable, With } from './comparable';
import { CompareGraph, zoomToPair } from './CompareGraph';
import { CompareList } from './CompareList';
import { CompareWith } from './CompareWith';
import { useTrace } from './context';
import { useComparedTraces, useUsual } from './useCompared';
import type { Compared } from './useComparisonScene';
import { useSize } from './useSize';

export function CompareView({ comparable }: { comparable: Comparable }) {
  const { analysis } = useTrace();
  const { other, error, loading } = comparable;
  const usual = useUsual(analysis);
  const [chosen, setChosen] = useState<With | null>(null);
  const beside: With = chosen ?? (other || !usual ? 'other' : 'usual');
  const [folded, setFolded] = useState(true);
  const a = (beside === 'usual' ? usual?.analysis : other) ?? null;
  const differences = useComparedTraces(a, analysis, beside === 'usual');
  const compared = useMemo<Compared | null>(() => {
    if (!a || !differences) {
      return null;
    }
    const [there, here] = differences.comparison.totals.map(formatTime);
    const name = beside === 'usual' ? t('compare.as-usual', 'As usual') : t('compare.the-other', 'The other, {{id}}', { id: a.trace.meta.traceId });
    return { a, b: analysis, usual: beside === 'usual', ...differences, captions: [`${name}: ${there}`, t('compare.this', 'This trace: {{time}}', { time: here })] };
  }, [a, analysis, differences, beside]);
  const working = usual === undefined || (a !== null && !compared);
  return (
    <div className="tl-compare-view" aria-busy={working || loading || undefined}>
      <CompareWith comparable={comparable} beside={beside} choose={setChosen} usual={Boolean(usual)} folded={compared ? folded : undefined} fold={setFolded} />
      {(loading || working) && (
        <p className="tl-compare-note" role="status">
          {loading ? t('compare.looking', 'Looking for it') : t('compare.working', 'Comparing')}
        </p>
      )}
      {error && beside === 'other' && (
        <p className="tl-compare-note" role="alert" style={{ color: 'var(--tl-error)' }}>
          {error}
        </p>
      )}
      {compared ? (
        <Answer key={`${beside} ${compared.a.trace.meta.traceId}`} compared={compared} usual={(beside === 'usual' && usual) || null} folded={folded} />
      ) : (
        !working && <p className="tl-compare-note tl-dim">
          {beside === 'usual'
            ? t('compare.no-medians', 'No medians are known of this kind of request yet: they are kept from the traces of the day before.')
            : t('compare.choose', 'Choose another trace of the same kind: both are drawn on one time scale, and the differences by layer, span and service add up to the difference of the durations.')}
          {beside === 'other' && !comparable.open && ` ${t('compare.second-query', 'Here it comes from a second query of the panel.')}`}
        </p>
      )}
    </div>
  );
}

function Answer({ compared, usual, folded }: { compared: Compared; usual: Usual | null; folded: boolean }) {
  const { viewport, select, analysis } = useTrace();
  const { b, comparison, sentence } = compared;
  const { totals } = comparison;
  const stage = useRef<HTMLDivElement>(null);
  const size = useSize(stage);
  const [pair, setPair] = useState<[number, number] | null>(null);
  const choose = useCallback(
    (next: [number, number] | null, open = false) => {
      setPair(next);
      if (open && (!next || next[1] >= 0)) {
        select(next ? next[1] : -1);
      }
    },
    [select]
  );
  const show = useCallback(
    (next: [number, number]) => {
      setPair(next);
      zoomToPair(viewport, compared, next);
    },
    [viewport, compared]
  );
  return (
    <>
      <p className="tl-compare-said" data-testid="compared">
        <b>{sentence}</b>{' '}
        <span className="tl-dim">
          {usual
            ? t('compare.said-usual', 'This trace {{here}}, usually {{there}} by the medians of {{share}} of its time; the rest is taken as usual.', { here: formatTime(totals[1]), there: formatTime(totals[0]), share: formatShare(usual.known, totals[1]) })
            : t('compare.said', 'This trace {{here}}, the other {{there}}.', { here: formatTime(totals[1]), there: formatTime(totals[0]) })}
          {usual && usual.whole >= 0 && Math.abs(usual.whole - totals[0]) > totals[0] * 0.02 && ` ${t('compare.median', 'The median of the whole is {{time}}: medians of parts need not add up to it.', { time: formatTime(usual.whole) })}`}
        </span>
      </p>
      <div className="tl-compare-main">
        <div className="tl-compare-stage" ref={stage}>
          {size.height > 0 && analysis === b && <CompareGraph compared={compared} chosen={pair} choose={choose} folded={folded} size={size} />}
        </div>
        <CompareList comparison={comparison} show={show} chosen={pair} />
      </div>
    </>
  );
}
