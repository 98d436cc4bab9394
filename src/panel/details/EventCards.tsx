import React from 'react';
import { andMore } from '../../language/counts';
import { t } from '../../language/t';
import { isOfException } from '../../trace/details/exception';
import { formatTime } from '../../trace/format';
import type { DetailedEvent } from './record';
import { Rows } from './Rows';
import { Name } from './Value';

/** More are counted, not shown. */
const MOST = 200;

/** What happened inside a span, in time. Exceptions are told in full above. */
export function EventCards({ events }: { events: readonly DetailedEvent[] }) {
  return (
    <ol className="tl-events">
      {events.slice(0, MOST).map((e, k) => {
        const rest = e.exception ? e.attributes.filter((a) => !isOfException(a)) : e.attributes;
        return (
          <li key={k} data-testid="event-card">
            <div className="tl-event-time">
              <b>+{formatTime(e.t)}</b>
              {k > 0 && <span className="tl-dim">{t('details.later', '{{time}} later', { time: formatTime(e.t - events[k - 1].t) })}</span>}
            </div>
            <div className="tl-grow">
              <b>
                <Name text={e.name} of="event" />
              </b> {e.exception && <span className="tl-exception-type">{e.exception.type}</span>}
              {rest.length > 0 && <Rows list={rest} of="event" />}
            </div>
          </li>
        );
      })}
      {events.length > MOST && <li className="tl-dim">{andMore(events.length - MOST)}</li>}
    </ol>
  );
}
