// What is drawn and in which colour: colour by, sources, services, folding, clocks.
import React, { useEffect, useMemo, useState } from 'react';
import { fieldName } from './fieldName';
import { andMore } from '../language/counts';
import { t } from '../language/t';
import { foldedBelow, levelsOf } from '../trace/filter';
import { formatCount, formatTime } from '../trace/format';
import { groupings } from '../trace/group';
import { serviceOf, Source, SOURCE_MARKS, SOURCE_NAMES } from '../trace/model';
import { useTrace } from './context';
import { toneFill } from './cssFill';
import { Legend } from './Legend';
import type { ClockChoice } from './clocks';
import { Menu } from './Menu';
import { hasHops, type Sources } from './state/choices';
import type { Attributes } from './useAttribute';

const SOURCES = [Source.App, Source.Sys, Source.Net] as const;

interface ViewMenuProps {
  clocks?: ClockChoice;
  attributes?: Attributes;
  attributeError?: string;
  opener?: React.RefObject<HTMLButtonElement | null>;
}

export function ViewMenu({ clocks, attributes, attributeError, opener }: ViewMenuProps) {
  const { analysis, state } = useTrace();
  const changed = state.hidden.size > 0 || state.perService || state.colourBy !== 'service' || state.collapsed.size > 0 || state.sources.includes(false);
  return (
    <Menu menu="view" name={t('toolbar.view', 'View')} title={t('view.title', 'Colour, filters and folding')} active={changed} opener={opener}>
      <ColourBy attributes={attributes} error={attributeError} />
      <Legend />
      {hasHops(analysis.trace) && <SourceFilter />}
      <ServiceFilter />
      <Fold />
      {clocks && Object.values(analysis.trace.meta.offsets).some((ns) => ns !== 0) && <ClockFilter clocks={clocks} />}
    </Menu>
  );
}

function ColourBy({ attributes, error }: { attributes?: Attributes; error?: string }) {
  const { analysis, state, act } = useTrace();
  const fields = useMemo(() => groupings(analysis.trace), [analysis.trace]);
  const { keys, failed } = useKeys(attributes);
  const others = [...new Set([...keys, ...(fields.some(([field]) => field === state.colourBy) ? [] : [state.colourBy])])].filter((key) => !fields.some(([field]) => field === key));
  const wrong = error ?? failed;
  return (
    <>
      <label className="tl-menu-row">
        <span>{t('view.colour-by', 'Colour by')}</span>
        <select value={state.colourBy} onChange={(e) => act.colourBy(e.currentTarget.value)}>
          {fields.map(([field, words]) => (
            <option key={field} value={field}>
              {fieldName(field, words)}
            </option>
          ))}
          {others.length > 0 && (
            <optgroup label={t('view.attributes', 'Attributes')}>
              {others.map((key) => (
                <option key={key} value={key}>
                  {key}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      {wrong && (
        <span role="alert" style={{ color: 'var(--tl-error)' }}>
          {t('details.unread', 'Attributes could not be read: {{why}}', { why: wrong })}
        </span>
      )}
    </>
  );
}

/** Attributes of the trace, asked for when the menu is opened. */
function useKeys(attributes: Attributes | undefined): { keys: string[]; failed?: string } {
  const [answer, setAnswer] = useState<{ keys: string[]; failed?: string }>({ keys: [] });
  useEffect(() => {
    let current = true;
    attributes?.keys().then(
      (keys) => current && setAnswer({ keys }),
      (e) => current && setAnswer({ keys: [], failed: e instanceof Error ? e.message : String(e?.data?.message ?? e?.statusText ?? e) })
    );
    return () => {
      current = false;
    };
  }, [attributes]);
  return answer;
}

function SourceFilter() {
  const { analysis, state, act } = useTrace();
  const { counts } = analysis.trace.meta;
  const numbers = [counts.app, counts.sys, counts.net];
  const sourceWords = [t('view.code', 'code'), t('view.system-calls', 'system calls'), t('view.packets', 'packets')];
  return (
    <fieldset>
      <legend>{t('view.sources', 'Sources')}</legend>
      {SOURCES.map((source) => (
        <label key={source}>
          <input
            type="checkbox"
            checked={state.sources[source]}
            onChange={() => act.showSources(state.sources.map((on, k) => (k === source ? !on : on)) as unknown as Sources)}
          />
          {SOURCE_MARKS[source]} {SOURCE_NAMES[source]}, {sourceWords[source]} <span className="tl-dim">{formatCount(numbers[source])}</span>
        </label>
      ))}
    </fieldset>
  );
}

const clocksOffered = (): ReadonlyArray<['raw' | 'aligned', string]> => [
  ['raw', t('view.clocks-raw', 'As each node told')],
  ['aligned', t('view.clocks-aligned', 'Aligned')],
];

/** Times as each node's clock told them, or with the estimated offsets taken off. */
function ClockFilter({ clocks }: { clocks: ClockChoice }) {
  const { meta } = useTrace().analysis.trace;
  const most = Object.entries(meta.offsets).reduce((a, b) => (Math.abs(b[1]) > Math.abs(a[1]) ? b : a));
  return (
    <fieldset>
      <legend>{t('view.clocks', 'Clocks')}</legend>
      {clocksOffered().map(([value, words]) => (
        <label key={value}>
          <input type="radio" name="tl-clocks" checked={meta.aligned === (value === 'aligned')} onChange={() => clocks.choose(value)} />
          {words}
        </label>
      ))}
      <span className="tl-dim">
        {most[1] > 0
          ? t('view.ahead', '{{node}} is {{time}} ahead', { node: most[0], time: formatTime(most[1]) })
          : t('view.behind', '{{node}} is {{time}} behind', { node: most[0], time: formatTime(-most[1]) })}
      </span>
    </fieldset>
  );
}

const MOST = 300; // services listed

function ServiceFilter() {
  const { analysis, palette, tones, state, act } = useTrace();
  const { trace } = analysis;
  const services = useMemo(() => {
    const count = new Map<string, number>();
    for (let i = 0; i < trace.length; i++) {
      const name = serviceOf(trace, i);
      if (name) {
        count.set(name, (count.get(name) ?? 0) + 1);
      }
    }
    return [...count].sort((a, b) => b[1] - a[1]);
  }, [trace]);
  const names = services.map(([name]) => name);
  return (
    <fieldset>
      <legend>{t('tab.services', 'Services')}</legend>
      <div className="tl-menu-list">
        {services.slice(0, MOST).map(([name, count]) => (
          <div key={name} className="tl-menu-line">
            <label>
              <input type="checkbox" checked={!state.hidden.has(name)} onChange={() => act.toggleService(name)} />
              {trace.groupBy === 'service' && <i className="tl-swatch" style={{ background: toneFill(palette, tones.of(name)) }} />}
              {name} <span className="tl-dim">{formatCount(count)}</span>
            </label>
            <button
              className="tl-link"
              aria-label={t('view.only-this', 'Only {{name}}', { name })}
              onClick={() => act.hideServices(names.filter((other) => other !== name))}
            >
              {t('view.only', 'only')}
            </button>
          </div>
        ))}
      </div>
      {services.length > MOST && <span className="tl-dim">{andMore(services.length - MOST)}</span>}
      {state.hidden.size > 0 && (
        <button className="tl-link" onClick={() => act.hideServices([])}>
          {t('view.all-services', 'Show all services')}
        </button>
      )}
    </fieldset>
  );
}

function Fold() {
  const { analysis, layout, state, act } = useTrace();
  const { trace } = analysis;
  const most = useMemo(() => levelsOf(trace), [trace]);
  return (
    <fieldset>
      <legend>{t('view.fold', 'Fold')}</legend>
      <label className="tl-menu-row">
        <span>{t('view.levels', 'Levels shown')}</span>
        <input
          type="number"
          min={1}
          max={most}
          placeholder={t('view.all-levels', 'all {{most}}', { most })}
          aria-label={t('view.levels-help', 'Levels of the tree that are shown')}
          onChange={(e) => {
            const levels = Number(e.currentTarget.value);
            act.foldOnly(levels >= 1 && levels < most ? foldedBelow(trace, levels) : []);
            if (layout.density === 'texture') {
              act.draw('strands');
            }
          }}
        />
      </label>
      <label>
        <input type="checkbox" checked={state.perService} onChange={() => act.togglePerService()} />
        {t('view.per-service', 'One bar per service visit')}
      </label>
      {hasHops(trace) && <label>
        <input type="checkbox" checked={state.density === 'folded'} onChange={() => act.draw(state.density === 'folded' ? 'strands' : 'folded')} />
        {t('view.hops-folded', 'Network hops folded')}
      </label>}
      {state.collapsed.size > 0 && (
        <button className="tl-link" onClick={() => act.foldOnly([])}>
          {t('view.unfold', 'Unfold all {{n}}', { n: formatCount(state.collapsed.size) })}
        </button>
      )}
    </fieldset>
  );
}
