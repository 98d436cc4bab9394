import React, { useMemo } from 'react';
import { errors } from '../../language/counts';
import { t } from '../../language/t';
import { rowsUnder, spokenName } from '../../trace/equal';
import { formatCount, shorten } from '../../trace/format';
import type { Trace } from '../../trace/model';
import type { Account } from '../../trace/parts';
import { useTrace } from '../context';

const MAX_MESSAGE = 300; // characters; the details have all of it

/** How many errors begin here: a press leads to the first of them, the next one to the next. */
export function Failures({ account }: { account: Account }) {
  const { analysis, state, select } = useTrace();
  const { trace } = analysis;
  const { range, focus } = state;
  const { first, count } = account.errors;
  const rows = useMemo(() => (first ? failedRows(trace, focus < 0 ? trace.main : focus, range, first.row) : []), [trace, focus, range, first]);
  if (!first) {
    return null;
  }
  const at = rows.indexOf(state.selected);
  const row = at < 0 ? first.row : state.selected;
  const message = shorten(trace.text.message[row].trim().split('\n', 1)[0], MAX_MESSAGE);
  const words = `${trace.text.owner[row]}, ${spokenName(trace, row)}${message ? `: ${message}` : ''}`;
  return (
    <button className="tl-failures" title={words} data-testid="errors" onClick={() => select(rows[(at + 1) % rows.length], true)}>
      <b>
        <span aria-hidden>! </span>
        {at >= 0 && count > 1 ? t('header.error-at', 'Error {{at}} of {{count}}', { at: at + 1, count: formatCount(count) }) : errors(count)}
      </b>
      <span className="tl-clip">{words}</span>
    </button>
  );
}

// Where errors begin: the one to look at first, then by time.
function failedRows(trace: Trace, root: number, range: readonly [number, number] | null, first: number): number[] {
  const [from, to] = range ?? [-Infinity, Infinity];
  const failed = Array.from(rowsUnder(trace, root)).filter((i) => trace.origin[i] && trace.start[i] <= to && trace.end[i] >= from && i !== first);
  return [first, ...failed.sort((a, b) => trace.start[a] - trace.start[b])];
}
