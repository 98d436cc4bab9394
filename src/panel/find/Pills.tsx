import React, { useMemo } from 'react';
import { spans } from '../../language/counts';
import { t } from '../../language/t';
import { asksFor, toggleMark, type Mark } from '../../trace/find/words';
import { formatCount } from '../../trace/format';
import { useTrace } from '../context';

const count = (mask: Uint8Array): number => mask.reduce((sum, one) => sum + one, 0);

/** What is looked for most often, as buttons: a press puts the word into Find, or takes it out. */
export function Pills() {
  const { analysis, state, act } = useTrace();
  const { error, meta } = analysis.trace;
  const errors = useMemo(() => count(error), [error]);
  const slow = useMemo(() => count(analysis.slow), [analysis.slow]);
  const knowsUsual = useMemo(() => Object.keys(meta.usual).length > 0, [meta.usual]);
  const pills: Array<[Mark, string, number, string]> = [
    ['error', t('find.errors', 'Errors'), errors, t('find.errors-help', '{{spans}} failed, because of another one or by itself', { spans: spans(errors) })],
    [
      'slow',
      t('find.slow', 'Slow'),
      slow,
      knowsUsual
        ? t('find.slow-usual', 'The fewest spans that hold more than half of the time, and those that took more than twice their usual time and 1 % of the trace')
        : t('find.slow-help', 'The fewest spans that hold more than half of the time'),
    ],
  ];
  return (
    <div className="tl-pills" role="group" aria-label={t('find.find', 'Find')}>
      {pills
        .filter(([, , n]) => n > 0)
        .map(([mark, name, n, title]) => (
          <button key={mark} aria-pressed={asksFor(state.query, mark)} title={t('find.pill-help', '{{what}}. N goes from one to the next', { what: title })} onClick={() => act.find(toggleMark(state.query, mark))}>
            {name} <span className="tl-dim">{formatCount(n)}</span>
          </button>
        ))}
    </div>
  );
}
