// Shares of the time per service. A holder's segment belongs to one service, so the
// shares are disjoint and, with what nobody saw, add up to the duration.
import type { Analysis } from './analysis';
import { callerOf } from './hops';
import { ownerOf } from './owner';
import { Layer, Source } from './model';
import { rowOfSlice } from './slices';

export interface ServiceRow {
  service: string;
  nodes: string[];
  layers: Record<Layer, number>;
  held: number;
  /** How often it was called, and how long its spans ran from each call on. */
  visits: number;
  total: number;
  /** Own time of its spans, those beside the critical path too. */
  own: number;
  /** APP, SYS, NET. */
  spans: [number, number, number];
  errors: number;
}

export function servicesOf({ trace, slices, holders }: Analysis): { rows: ServiceRow[]; unseen: number; total: number } {
  const rows = trace.services.map<ServiceRow>((service) => ({ service, nodes: [], layers: { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 }, held: 0, visits: 0, total: 0, own: 0, spans: [0, 0, 0], errors: 0 }));
  const nodes = rows.map(() => new Set<string>());
  for (let i = 0; i < trace.length; i++) {
    const row = rows[trace.service[trace.source[i] === Source.Net ? callerOf(trace, i) : i]];
    row.spans[trace.source[i]]++;
    row.errors += trace.origin[i];
    if (trace.source[i] !== Source.Net && trace.text.node[i] !== '') {
      nodes[trace.service[i]].add(trace.text.node[i]);
    }
  }
  // Spans of the layers below belong to whoever runs them: a visit begins where that changes.
  const within = new Int32Array(trace.length).fill(-1);
  for (const i of trace.order) {
    const outer = trace.parent[i] < 0 ? -1 : within[trace.parent[i]];
    within[i] = trace.source[i] === Source.Net ? outer : trace.service[i];
    if (trace.source[i] !== Source.Net) {
      const row = rows[trace.service[i]];
      row.own += slices.own[i];
      if (within[i] !== outer) {
        row.visits++;
        row.total += trace.end[i] - trace.start[i];
      }
    }
  }
  let unseen = 0;
  let total = 0;
  for (let k = 0; k < holders.length; k++) {
    const slice = holders.slice[k];
    const time = holders.to[k] - holders.from[k];
    const layer = slices.layer[slice] as Layer;
    const owner = ownerOf(trace, rowOfSlice(slices, slice, holders.span[k]), slices.before[slice], slices.after[slice], layer);
    total += time;
    if (owner < 0) {
      unseen += time;
    } else {
      rows[trace.service[owner]].layers[layer] += time;
      rows[trace.service[owner]].held += time;
    }
  }
  rows.forEach((row, k) => (row.nodes = [...nodes[k]].sort()));
  const named = rows.filter((row) => row.service !== '' || row.held > 0);
  return { rows: named.sort((a, b) => b.held - a.held || (a.service < b.service ? -1 : 1)), unseen, total };
}
