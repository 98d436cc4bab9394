// A span's details by their parts: what the data source sends, whatever is missing in it.
import { attributesOf, type Attribute } from '../../trace/details/attribute';
import { codeOf, exceptionOf, type Exception } from '../../trace/details/exception';
import { modelCallOf, type ModelCall } from '../../trace/details/modelCall';
import { formatTime } from '../../trace/format';

/** An event; `t` in ns after the span's start. */
export interface DetailedEvent {
  t: number;
  name: string;
  attributes: Attribute[];
  exception?: Exception;
}

interface DetailRecord {
  /** All that came. */
  fields: Readonly<Record<string, unknown>>;
  attributes: Attribute[];
  resource: Attribute[];
  /** By time. */
  events: DetailedEvent[];
  /** With when they were thrown, where an event tells. */
  exceptions: Array<{ exception: Exception; when?: string }>;
  modelCall?: ModelCall;
}

const known = new WeakMap<object, DetailRecord>();

/** Read once. */
export function detailRecord(details: unknown): DetailRecord {
  const fields = details !== null && typeof details === 'object' && !Array.isArray(details) ? (details as Record<string, unknown>) : { details };
  let record = known.get(fields);
  if (!record) {
    known.set(fields, (record = readRecord(fields)));
  }
  return record;
}

function readRecord(fields: Readonly<Record<string, unknown>>): DetailRecord {
  const attributes = attributesOf(fields.attributes);
  const code = codeOf(attributes);
  const events = (Array.isArray(fields.events) ? fields.events : [])
    .filter((e) => typeof e?.t === 'number')
    .map((e): DetailedEvent => {
      const of = attributesOf(e.attributes);
      return { t: e.t, name: String(e.name || 'event'), attributes: of, exception: exceptionOf(of, code) };
    })
    .sort((a, b) => a.t - b.t);
  const thrown = exceptionOf(attributes, code);
  return {
    fields,
    attributes,
    resource: attributesOf(fields.resourceAttributes),
    events,
    exceptions: [...(thrown ? [{ exception: thrown }] : []), ...events.flatMap((e) => (e.exception ? [{ exception: e.exception, when: `+${formatTime(e.t)}` }] : []))],
    modelCall: modelCallOf(attributes, events),
  };
}
