// What a query answered that is no trace of ours, and what to do about it.
import type { DataFrame } from '@grafana/data';
import { plural, shorten } from '../trace/format';
import { isTraceFrame } from '../trace/frame';

export interface StrangeData {
  /** Each of the first frames, in words. */
  got: string[];
  advice: string;
}

const FRAMES = 2;
const FIELDS = 5;
const NAME = 40; // letters of a field's name
const ASK_FOR = 'Choose the data source Throughline and the query type Trace, shown as flame graph';

/** Null where nothing came, or a trace. */
export function strangeData(series: readonly DataFrame[]): StrangeData | null {
  const frames = series.filter((f) => f.length > 0);
  if (frames.length === 0 || frames.some(isTraceFrame)) {
    return null;
  }
  const more = frames.length - FRAMES;
  return { got: [...frames.slice(0, FRAMES).map(wordsOf), ...(more > 0 ? [plural(more, 'more frame')] : [])], advice: adviceOn(frames) };
}

function wordsOf({ length, fields }: DataFrame): string {
  const names = fields.slice(0, FIELDS).map((f) => shorten(f.name, NAME));
  const more = fields.length - names.length;
  return `${plural(length, 'row')} of ${[names.join(', '), ...(more > 0 ? [`${more} more`] : [])].join(' and ')}`;
}

function adviceOn(frames: readonly DataFrame[]): string {
  if (frames.some((f) => f.meta?.custom?.throughline === 'requests')) {
    return 'That is a list of requests: choose the visualisation Throughline requests, or the query type Trace.';
  }
  const isGrafanas = (f: DataFrame) => ['traceID', 'spanID'].every((name) => f.fields.some((field) => field.name === name));
  if (frames.some(isGrafanas)) {
    return `That is a trace in Grafana’s own form, which its visualisation Traces draws. ${ASK_FOR}.`;
  }
  return `${ASK_FOR}; or another visualisation for these data.`;
}
