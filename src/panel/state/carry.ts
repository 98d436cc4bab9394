// The same trace, read again: one more span may move every row and the origin of all times.
// What was chosen stays with the spans it was chosen for, by their ids.
import type { Analysis } from '../../trace/analysis';
import { hopsOf } from '../../trace/calls';
import type { ViewState } from './view';

/** By how many nanoseconds times of the first reading are later in the second. */
export function shiftBetween(from: Analysis, to: Analysis): number {
  try {
    return Number(BigInt(from.trace.meta.startNs || '0') - BigInt(to.trace.meta.startNs || '0'));
  } catch {
    return 0;
  }
}

export function carry(s: ViewState, from: Analysis, to: Analysis): ViewState {
  const shift = shiftBetween(from, to);
  const firstHop = (call: number): number => hopsOf(from.calls, call)[0] ?? -1;
  const calls = [...s.openCalls, s.call];
  const rowOf = rowsIn(from, to, [s.selected, s.focus, s.events?.row ?? -1, ...s.collapsed, ...s.openGroups, ...calls.map(firstHop)]);
  const callOf = (call: number): number => {
    const row = rowOf(firstHop(call));
    return row < 0 ? -1 : to.calls.of[row];
  };
  const there = (rows: Iterable<number>, find: (row: number) => number) => new Set([...rows].map(find).filter((row) => row >= 0));
  const eventRow = s.events ? rowOf(s.events.row) : -1;
  return {
    ...s,
    selected: rowOf(s.selected),
    focus: rowOf(s.focus),
    collapsed: there(s.collapsed, rowOf),
    openGroups: there(s.openGroups, rowOf),
    openCalls: there(s.openCalls, callOf),
    call: callOf(s.call),
    range: s.range && [s.range[0] + shift, s.range[1] + shift],
    events: s.events && eventRow >= 0 ? { row: eventRow, list: s.events.list.map((e) => ({ ...e, time: e.time + shift })) } : null,
  };
}

// Only the rows that are asked for are looked up: a trace may have 100,000.
function rowsIn(from: Analysis, to: Analysis, rows: number[]): (row: number) => number {
  const wanted = new Map<string, number>();
  for (const row of rows) {
    if (row >= 0) {
      wanted.set(from.trace.text.id[row], -1);
    }
  }
  const ids = to.trace.text.id;
  for (let i = 0; wanted.size > 0 && i < to.trace.length; i++) {
    if (wanted.get(ids[i]) === -1) {
      wanted.set(ids[i], i);
    }
  }
  return (row) => (row < 0 ? -1 : (wanted.get(from.trace.text.id[row]) ?? -1));
}
