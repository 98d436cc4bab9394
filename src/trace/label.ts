// What is written on a bar. Neighbours already say most of it, so labels are short: a
// c-p names whom it calls, an s-p who serves, a NET span its point and interface.
import { endName } from './owner';
import { Point, POINT_NAMES, serviceOf, Source } from './model';
import type { Trace } from './model';

export function labelOf(t: Trace, i: number): string {
  if (t.source[i] === Source.App) {
    return t.text.name[i] || t.text.request[i] || serviceOf(t, i) || 'span';
  }
  const point = POINT_NAMES[t.point[i]];
  if (t.source[i] === Source.Net) {
    return [point, t.text.node[i], t.text.interface[i]].filter(Boolean).join(' ');
  }
  if (t.point[i] === Point.ClientProcess) {
    const callee = t.text.server[i] || t.text.request[i] || 'unknown';
    return t.parent[i] < 0 ? `${endName(t, i)} → ${callee}` : `→ ${callee}`;
  }
  return endName(t, i);
}

export function sublabelOf(t: Trace, i: number): string {
  if (t.source[i] === Source.App) {
    return t.text.kind[i].toUpperCase() === 'SERVER' || t.depth[i] < 2 ? serviceOf(t, i) : '';
  }
  return t.text.request[i] || t.text.name[i];
}

/** A shorter form of a label: without the class, or with the path's tail only. */
export function shortLabels(t: Trace, i: number, label: string): string[] {
  if (t.source[i] !== Source.App) {
    return [label];
  }
  if (label.includes('/')) {
    return [label, `…${label.slice(label.lastIndexOf('/'))}`];
  }
  const dot = label.lastIndexOf('.');
  return dot > 0 && dot < label.length - 1 ? [label, label.slice(dot + 1)] : [label];
}

/** Where a hop was seen: the process, or the interface. */
export function pointName(t: Trace, i: number): string {
  if (t.source[i] !== Source.Net) {
    return endName(t, i);
  }
  const nic = t.point[i] === Point.ClientNode || t.point[i] === Point.ServerNode;
  return [nic ? t.text.node[i] : t.text.ofPod[i] || t.text.node[i], t.text.interface[i]].filter(Boolean).join(' ');
}

const SOURCE_WORDS = ['code', 'system calls', 'packets'] as const;

/** One line that a screen reader speaks for a span. */
export const sourceWords = (t: Trace, i: number): string => SOURCE_WORDS[t.source[i]];
