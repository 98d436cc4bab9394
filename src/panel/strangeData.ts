// What a query answered that is no trace of ours, and what to do about it.
import type { DataFrame } from '@grafana/data';
import { t } from '../language/t';
import { formatCount, shorten } from '../trace/format';
import { isTraceFrame } from '../trace/frame';

export interface StrangeData {
  /** Each of the first frames, in words. */
  got: string[];
  advice: string;
}

const FRAMES = 2;
const FIELDS = 5;
const NAME = 40; // letters of a field's name
const askFor = () => t('state.ask-for', 'Choose the data source Throughline and the query type Trace, shown as flame graph');

/** Null where nothing came, or a trace. */
export function strangeData(series: readonly DataFrame[]): StrangeData | null {
  const frames = series.filter((f) => f.length > 0);
  if (frames.length === 0 || frames.some(isTraceFrame)) {
    return null;
  }
  const more = frames.length - FRAMES;
  return { got: [...frames.slice(0, FRAMES).map(wordsOf), ...(more > 0 ? [more === 1 ? t('state.frame', '1 more frame') : t('state.frames', '{{n}} more frames', { n: more })] : [])], advice: adviceOn(frames) };
}

function wordsOf({ length, fields }: DataFrame): string {
  const names = fields.slice(0, FIELDS).map((f) => shorten(f.name, NAME));
  const more = fields.length - names.length;
  const of = more > 0 ? t('state.fields', '{{names}} and {{n}} more', { names: names.join(', '), n: more }) : names.join(', ');
  return length === 1 ? t('state.row', '1 row of {{fields}}', { fields: of }) : t('state.rows', '{{n}} rows of {{fields}}', { n: formatCount(length), fields: of });
}

function adviceOn(frames: readonly DataFrame[]): string {
  if (frames.some((f) => f.meta?.custom?.throughline === 'requests')) {
    return t('state.is-list', 'That is a list of requests: choose the visualisation Throughline requests, or the query type Trace.');
  }
  const isGrafanas = (f: DataFrame) => ['traceID', 'spanID'].every((name) => f.fields.some((field) => field.name === name));
  if (frames.some(isGrafanas)) {
    return t('state.is-grafanas', 'That is a trace in Grafana’s own form, which its visualisation Traces draws. {{advice}}.', { advice: askFor() });
  }
  return t('state.or-other', '{{advice}}; or another visualisation for these data.', { advice: askFor() });
}
