// Events of a span: the one the pointer or the keyboard is on, and how many there are.
import React from 'react';
import { andMore } from '../language/counts';
import { t } from '../language/t';
import { clip } from '../trace/clip';
import type { SpanEvent } from '../trace/events';
import { formatTime } from '../trace/format';

const SHOWN = 3;

/** Attributes of an event; the details have the rest. */
const ATTRIBUTES = 8;

/** In the tooltip: the event under the pointer with its attributes, else the first few names. */
export function EventRow({ events, at, start }: { events: readonly SpanEvent[]; at: number; start: number }) {
  if (events.length === 0) {
    return null;
  }
  const one = at >= 0 ? events[at] : undefined;
  return (
    <>
      <dt>{one ? t('events.event', 'event') : events.length === 1 ? t('events.one', '1 event') : t('details.events', '{{n}} events', { n: events.length })}</dt>
      <dd data-testid="event">
        {one ? (
          <>
            <b>◆ {clip(one.name)}</b> <span className="tl-dim">{eventTime(one, start)}</span>
            {(one.attributes ?? []).slice(0, ATTRIBUTES).map(([key, value]) => (
              <div key={key} className="tl-dim">
                {clip(`${key} ${value}`)}
              </div>
            ))}
            {(one.attributes?.length ?? 0) > ATTRIBUTES && <div className="tl-dim">{andMore(one.attributes!.length - ATTRIBUTES)}</div>}
          </>
        ) : (
          <span className="tl-dim">
            {events.slice(0, SHOWN).map((e) => `${clip(e.name, 60)} ${eventTime(e, start)}`).join(', ')}
            {events.length > SHOWN && ', …'}
          </span>
        )}
      </dd>
    </>
  );
}

/** For a screen reader. */
export const spokenEvent = (events: readonly SpanEvent[], at: number, start: number): string => {
  const { name, attributes = [] } = events[at];
  return [t('events.spoken', 'event {{at}} of {{n}}: {{name}}, {{time}} after the span’s start', { at: at + 1, n: events.length, name: clip(name), time: eventTime(events[at], start) }), ...attributes.map(([key, value]) => clip(`${key} ${value}`))].join(', ');
};

const eventTime = (e: SpanEvent, start: number): string => `+${formatTime(e.time - start)}`;
