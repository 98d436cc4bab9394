import React from 'react';
import { t } from '../language/t';
import { isOfException } from '../trace/details/exception';
import { isMessage } from '../trace/details/modelCall';
import { DetailList } from './DetailList';
import { EventCards } from './details/EventCards';
import { detailRecord } from './details/record';
import { Rows } from './details/Rows';

/** Parts that get a heading of their own below, in this order. */
const SECTIONS: ReadonlyArray<[title: string, keys: readonly string[]]> = [
  ['TCP', ['wire']],
  ['Process', ['process']],
  ['Ends', ['client', 'server', 'entity']],
];

const headingOf = (title: string): string => ({ Process: t('details.process', 'Process'), Ends: t('details.ends', 'Ends') })[title] ?? title;

/** What stands elsewhere: in a part of its own, above the details, or in the sections already. */
const TOLD = new Set(['attributes', 'resourceAttributes', 'events', 'links', 'statusMessage', 'signalTags', ...SECTIONS.flatMap(([, keys]) => keys)]);

/** Keys of our own tables, which say nothing to a reader. */
const INTERNAL = new Set(['id', 'type']);

/** What the data source knows of one span, but what leads (DetailLead); unknown parts are listed, never dropped. */
export function DetailSections({ details }: { details: unknown }) {
  const { fields: record, attributes, resource, events, exceptions, modelCall } = detailRecord(details);
  const rest = Object.fromEntries(Object.entries(record).filter(([key]) => !TOLD.has(key)));
  const shown = attributes.filter((a) => !(modelCall && isMessage(a)) && !(exceptions.length > 0 && isOfException(a)));
  return (
    <div data-testid="details">
      <Section title={events.length === 1 ? t('details.event', 'Event') : t('details.events', '{{n}} events', { n: events.length })} there={events.length > 0}>
        <EventCards events={events} />
      </Section>
      <Section title={t('view.attributes', 'Attributes')} there={shown.length > 0}>
        <Rows list={shown} of="span" />
      </Section>
      <Section title={t('details.resource', 'Resource')} there={resource.length > 0}>
        <Rows list={resource} of="resource" />
      </Section>
      {SECTIONS.map(([title, keys]) => {
        const present = keys.filter((key) => !isEmpty(record[key]));
        const values = present.length === 1 && keys.length === 1 ? record[present[0]] : Object.fromEntries(present.map((key) => [key, record[key]]));
        return (
          <Section key={title} title={headingOf(title)} there={present.length > 0}>
            <DetailList values={title === 'Ends' ? readableEnds(values) : values} />
          </Section>
        );
      })}
      <Section title={t('details.all-fields', 'All fields')} there={!isEmpty(rest)}>
        <DetailList values={rest} />
      </Section>
    </div>
  );
}

function Section({ title, there, children }: { title: string; there: boolean; children: React.ReactNode }) {
  return there ? (
    <section>
      <h5>{title}</h5>
      {children}
    </section>
  ) : null;
}

// Who an end is: its address and the words of its entity, side by side.
function readableEnds(ends: unknown): Record<string, unknown> {
  const words = (v: unknown): Record<string, unknown> => {
    const { entity, ...rest } = (v ?? {}) as Record<string, unknown>;
    const own = Object.entries(rest).filter(([key]) => !INTERNAL.has(key));
    return { ...Object.fromEntries(own), ...(entity ? words(entity) : {}) };
  };
  return Object.fromEntries(Object.entries(ends as Record<string, unknown>).map(([end, v]) => [end === 'entity' ? t('details.seen-by', 'seen by') : end, words(v)]));
}

const isEmpty = (v: unknown): boolean => v === null || v === undefined || v === '' || (typeof v === 'object' && Object.values(v).every(isEmpty));

