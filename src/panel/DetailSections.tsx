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
const TITLED = new Set(SECTIONS.flatMap(([, keys]) => keys));

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
            <DetailList values={values} />
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

const isEmpty = (v: unknown): boolean => v === null || v === undefined || v === '' || (typeof v === 'object' && Object.values(v).every(isEmpty));
