import React, { useMemo } from 'react';
import { asksFor, toggleMark, type Mark } from '../../trace/find/words';
import { formatCount, plural } from '../../trace/format';
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
    ['error', 'Errors', errors, `${plural(errors, 'span')} failed, because of another one or by itself`],
    ['slow', 'Slow', slow, `The fewest spans that hold more than half of the time${knowsUsual ? ', and those that took more than twice their usual time and 1 % of the trace' : ''}`],
  ];
  return (
    <div className="tl-pills" role="group" aria-label="Find">
      {pills
        .filter(([, , n]) => n > 0)
        .map(([mark, name, n, title]) => (
          <button key={mark} aria-pressed={asksFor(state.query, mark)} title={`${title}. N goes from one to the next`} onClick={() => act.find(toggleMark(state.query, mark))}>
            {name} <span className="tl-dim">{formatCount(n)}</span>
          </button>
        ))}
    </div>
  );
}
