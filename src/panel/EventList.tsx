// Events of a span: the one the pointer or the keyboard is on, and how many there are.
import React from 'react';
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
      <dt>{one ? 'event' : events.length === 1 ? '1 event' : `${events.length} events`}</dt>
      <dd data-testid="event">
        {one ? (
          <>
            <b>◆ {clip(one.name)}</b> <span className="tl-dim">{eventTime(one, start)}</span>
            {(one.attributes ?? []).slice(0, ATTRIBUTES).map(([key, value]) => (
              <div key={key} className="tl-dim">
                {clip(`${key} ${value}`)}
              </div>
            ))}
            {(one.attributes?.length ?? 0) > ATTRIBUTES && <div className="tl-dim">… and {one.attributes!.length - ATTRIBUTES} more</div>}
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
  return [`event ${at + 1} of ${events.length}: ${clip(name)}`, `${eventTime(events[at], start)} after the span’s start`, ...attributes.map(([key, value]) => clip(`${key} ${value}`))].join(', ');
};

const eventTime = (e: SpanEvent, start: number): string => `+${formatTime(e.time - start)}`;
