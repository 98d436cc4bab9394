// The account of the time by the rows of a frame is the backend's: by layer, part, word and
// remark, for whole traces, ranges and subtrees. The files are written by the backend's test
// (go test ./pkg/plugin -run TestAccounts -update).
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyse } from './analysis';
import { readTrace, type FrameLike } from './frame';
import { holdersOf } from './holder';
import type { Layer, Trace } from './model';
import { accountOf, type Account } from './parts';

interface SentFrame {
  schema: { meta: FrameLike['meta']; fields: Array<{ name: string; config?: FrameLike['fields'][number]['config'] }> };
  data: { values: unknown[][] };
}

interface File {
  frame: SentFrame;
  cases: Array<{ row: number; range?: [number, number]; account: Record<string, unknown> }>;
}

const folder = path.resolve(import.meta.dirname, '../../testdata/account');

const frameOf = ({ schema, data }: SentFrame): FrameLike => ({
  fields: schema.fields.map(({ name, config }, k) => ({ name, config, values: data.values[k] })),
  meta: schema.meta,
});

/** An account as the backend writes it: spans by their ids, nothing that is empty. */
function written(t: Trace, a: Account) {
  const span = (row: number) => t.text.id[row];
  const some = <T>(list: T[]) => (list.length > 0 ? list : undefined);
  const filled = (v: Record<string, unknown>) => Object.fromEntries(Object.entries(v).filter(([, x]) => x !== undefined && x !== '' && x !== 0));
  return filled({
    duration: a.total,
    layers: Object.fromEntries((['code', 'kernel', 'network', 'not_seen', 'waiting'] as const).map((name, layer) => [name, a.layers[layer as Layer]])),
    parts: a.parts.map((p) => ({
      key: p.key, time: p.time, spans: p.spans, span: span(p.row), text: p.text,
      items: p.items.map(({ name, time, count, held, together, row }) => ({ name, time, count, held, ...(together && { together }), span: span(row) })),
    })),
    async: some(a.async.map(({ row, ...rest }) => ({ ...rest, span: span(row) }))),
    retries: some(a.retries.map(({ row, parent, peer, ...rest }) => ({ ...rest, ...(peer && { peer }), span: span(row), parent: span(parent) }))),
    errors: { count: a.errors.count, ...(a.errors.first && { first: filled({ service: a.errors.first.service, name: a.errors.first.name, message: a.errors.first.message, span: span(a.errors.first.row) }) }) },
    skew: some(a.skew.map(({ row, ...rest }) => ({ ...rest, span: span(row) }))),
    sentence: a.sentence,
    remarks: some(a.remarks.map(({ row, ...rest }) => ({ ...rest, span: span(row) }))),
  });
}

describe.each(fs.readdirSync(folder))('the account of %s', (name) => {
  const { frame, cases } = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as File;
  const analysis = analyse(readTrace(frameOf(frame)));
  const { trace, slices, holders } = analysis;
  it.each(cases.map((c) => [`row ${c.row}${c.range ? `, ${c.range.join(' to ')}` : ''}`, c] as const))('%s', (_, { row, range, account }) => {
    const of = row === trace.main ? holders : holdersOf(trace, slices, row);
    const made = written(trace, accountOf(analysis, of, row, ...(range ?? [])));
    const { duration = 0, ...rest } = made;
    expect({ duration, ...rest }).toEqual(JSON.parse(JSON.stringify({ ...account, ...blank(account) })));
  });
});

/** Empty names and ids are left out on this side of the comparison, too. */
const blank = (account: Record<string, unknown>) => {
  const errors = account.errors as { count: number; first?: Record<string, unknown> };
  return { errors: errors.first ? { ...errors, first: Object.fromEntries(Object.entries(errors.first).filter(([, v]) => v !== '')) } : errors };
};
