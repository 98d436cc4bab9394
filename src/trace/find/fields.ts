// What a filter can ask of a span without asking anybody: the columns of the frame. A key that
// the frame has means what the panel shows of the span itself.
import { POINT_NAMES, serviceOf, SOURCE_NAMES } from '../model';
import type { Trace } from '../model';

type Text = (t: Trace, i: number) => string;

const column =
  (name: keyof Trace['text']): Text =>
  (t, i) =>
    t.text[name][i];

/** Texts of a span by key; where there are several, one of them is enough. */
export const FIELDS: ReadonlyMap<string, readonly Text[]> = new Map([
  ['service', [serviceOf]],
  ['name', [column('name')]],
  ['kind', [column('kind')]],
  // As in a search: UNSET is no failure, so what says nothing is ok, too.
  ['status', [column('status'), (t, i) => (t.error[i] ? 'error' : t.text.status[i] === 'unset' ? 'ok' : '')]],
  ['code', [(t, i) => String(t.code[i])]],
  ['duration', [(t, i) => String(t.end[i] - t.start[i])]],
  ['protocol', [column('protocol')]],
  ['namespace', [column('namespace')]],
  ['pod', [column('pod'), column('ofPod')]],
  ['node', [column('node')]],
  ['source', [(t, i) => SOURCE_NAMES[t.source[i]]]],
  ['point', [(t, i) => POINT_NAMES[t.point[i]]]],
  ['interface', [column('interface')]],
  ['peer', [column('peer')]],
  ['rule', [column('rule')]],
  ['message', [column('message')]],
]);

/** Keys of which the store knows more; the frame answers where there is no store. */
export const ALSO_STORED: ReadonlyMap<string, readonly Text[]> = new Map([
  ['request', [column('request'), column('name')]],
  ['request_resource', [column('request'), column('name')]],
]);

/** Keys that every span may have and only the store knows. */
export const STORED = ['request', 'event', 'status_message', 'scope_name', 'scope_version'] as const;
