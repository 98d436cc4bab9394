import React from 'react';
import { DetailList } from './DetailList';

/** Parts of a span's details that get a heading of their own, in this order. */
const SECTIONS: ReadonlyArray<[title: string, keys: readonly string[]]> = [
  ['Attributes', ['attributes']],
  ['Events', ['events']],
  ['Links to other spans', ['links']],
  ['TCP', ['wire']],
  ['Process', ['process']],
  ['Resource', ['resourceAttributes']],
  ['Ends', ['client', 'server', 'entity']],
];
/** Keys of our own tables, which say nothing to a reader. */
const INTERNAL = new Set(['id', 'type']);

/** What links are made of: it stands in the sections already. */
const REPEATED = 'signalTags';

const TITLED = new Set([REPEATED, ...SECTIONS.flatMap(([, keys]) => keys)]);

/** What the data source knows of one span; unknown parts are listed, never dropped. */
export function DetailSections({ details }: { details: unknown }) {
  const record = details !== null && typeof details === 'object' && !Array.isArray(details) ? (details as Record<string, unknown>) : { details };
  const rest = Object.fromEntries(Object.entries(record).filter(([key]) => !TITLED.has(key)));
  return (
    <div data-testid="details">
      {SECTIONS.map(([title, keys]) => {
        const present = keys.filter((key) => !isEmpty(record[key]));
        if (present.length === 0) {
          return null;
        }
        const values = present.length === 1 && keys.length === 1 ? record[present[0]] : Object.fromEntries(present.map((key) => [key, record[key]]));
        return (
          <section key={title}>
            <h5>{title}</h5>
            <DetailList values={title === 'Ends' ? readable(values) : values} />
          </section>
        );
      })}
      {!isEmpty(rest) && (
        <section>
          <h5>All fields</h5>
          <DetailList values={rest} />
        </section>
      )}
    </div>
  );
}

// Who an end is: its address and the words of its entity, side by side.
function readable(ends: unknown): Record<string, unknown> {
  const words = (v: unknown): Record<string, unknown> => {
    const { entity, ...rest } = (v ?? {}) as Record<string, unknown>;
    const own = Object.entries(rest).filter(([key]) => !INTERNAL.has(key));
    return { ...Object.fromEntries(own), ...(entity ? words(entity) : {}) };
  };
  return Object.fromEntries(Object.entries(ends as Record<string, unknown>).map(([end, v]) => [end === 'entity' ? 'seen by' : end, words(v)]));
}

const isEmpty = (v: unknown): boolean => v === null || v === undefined || v === '' || (typeof v === 'object' && Object.values(v).every(isEmpty));
