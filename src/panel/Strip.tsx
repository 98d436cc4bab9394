// The strip that answers "where did the time go": counts and one sentence, the split by
// layer, the bar by layer and service that adds up exactly, the longest single holds.
import React, { useMemo, useRef } from 'react';
import { breakDown, isOwned, presentLayers, type Part } from '../trace/breakdown';
import { formatCount, formatShare, formatTime, plural } from '../trace/format';
import { holdersOf } from '../trace/holder';
import { Confidence, groupOf, Layer, LAYER_NAMES } from '../trace/model';
import { accountOf, type Account } from '../trace/parts';
import { useTrace } from './context';
import { cssFill, layerFill } from './cssFill';
import { useHover } from './state/hover';
import { useSize } from './useSize';

const CHIPS = 3;
/** Width of a letter in the bar, on the safe side. */
const LETTER = 6;

export function Strip() {
  const { analysis, state } = useTrace();
  const { trace, slices } = analysis;
  const { range, focus } = state;
  const [from, to] = range ?? [-Infinity, Infinity];
  const holders = useMemo(() => (focus < 0 ? analysis.holders : holdersOf(trace, slices, focus)), [analysis, trace, slices, focus]);
  const split = useMemo(() => breakDown(trace, slices, holders, from, to), [trace, slices, holders, from, to]);
  const account = useMemo(() => accountOf(analysis, holders, focus < 0 ? trace.main : focus, from, to), [analysis, trace, holders, focus, from, to]);
  return (
    <div className="tl-went">
      <div className="tl-counts">
        <Counts />
        <span className="tl-sentence" data-testid="sentence">
          <span className="tl-dim">Largest part:</span> {account.sentence}
        </span>
      </div>
      <div className="tl-layers">
        <h3>{range ? `In the marked ${formatTime(split.total)}` : focus >= 0 ? `In the subtree’s ${formatTime(split.total)}` : `${formatTime(split.total)}, where it went`}</h3>
        {presentLayers(split).map((layer) => (
          <LayerButton key={layer} layer={layer} time={split.layers[layer]} total={split.total} />
        ))}
        <Trust />
        {range && <RangeEnds from={range[0]} to={range[1]} />}
        <Holds account={account} />
      </div>
      <Stack parts={split.parts} total={split.total} />
    </div>
  );
}

function Counts() {
  const { trace } = useTrace().analysis;
  const { app, sys, net } = trace.meta.counts;
  return (
    <strong data-testid="counts">
      {plural(trace.length, 'span')}: {formatCount(app)} APP, {formatCount(sys)} SYS, {formatCount(net)} NET
    </strong>
  );
}

function LayerButton({ layer, time, total }: { layer: Layer; time: number; total: number }) {
  const { palette, state, act } = useTrace();
  const hover = useHover();
  return (
    <button
      className="tl-layer"
      aria-pressed={state.pinned?.layer === layer}
      title="Show only what this layer held"
      onMouseEnter={() => hover.point({ layer })}
      onMouseLeave={() => hover.point(null)}
      onClick={() => act.pin({ layer })}
    >
      <i className="tl-swatch" style={{ background: layerFill(palette, layer), boxShadow: layer === Layer.Kernel ? 'inset 0 0 0 1px var(--tl-weak)' : undefined }} />
      <span>{LAYER_NAMES[layer]}</span>
      <b>{formatTime(time)}</b>
      <span className="tl-dim">{formatShare(time, total)}</span>
    </button>
  );
}

/** How many links are doubtful; silence means proven. */
function Trust() {
  const { analysis, act } = useTrace();
  const { trace } = analysis;
  const { links, inferred, orphans } = useMemo(() => {
    const n = [0, 0, 0, 0, 0];
    trace.confidence.forEach((c) => n[c]++);
    return { links: n[Confidence.Proven] + n[Confidence.Causal] + n[Confidence.Inferred], inferred: n[Confidence.Inferred], orphans: n[Confidence.None] };
  }, [trace]);
  const doubt = inferred > 0 || orphans > 0;
  return (
    <button className="tl-layer tl-wide" title="Links to parents, and how sure they are" onClick={() => act.find(inferred ? 'inferred' : orphans ? 'orphan' : '')}>
      <span style={{ color: doubt ? 'var(--tl-doubt)' : 'var(--tl-ok)' }}>{doubt ? '≈' : '✓'}</span>
      <span className="tl-dim">
        {inferred > 0 ? `${formatCount(inferred)} of ${plural(links, 'link')} inferred` : `${plural(links, 'link')} proven`}
        {orphans > 0 && `, ${plural(orphans, 'subtree')} without a parent`}
      </span>
    </button>
  );
}

/** The two points of the ruler, from the trace's start. */
function RangeEnds({ from, to }: { from: number; to: number }) {
  const { analysis, viewport, act } = useTrace();
  const start = analysis.trace.from;
  return (
    <span className="tl-range" data-testid="range">
      <span className="tl-dim">
        {formatTime(from - start)} to {formatTime(to - start)}
      </span>
      <button className="tl-link" onClick={() => viewport.show(from, to)}>
        Zoom
      </button>
      <button className="tl-link" aria-label="Take the marked range away" onClick={() => act.mark(null)}>
        ✕
      </button>
    </span>
  );
}

// The parts that the sentence is made from, the largest first.
function Holds({ account }: { account: Account }) {
  const { analysis, palette, tones, viewport, select } = useTrace();
  const { trace } = analysis;
  return (
    <span className="tl-holds">
      {trace.length > 1 &&
        account.parts.slice(0, CHIPS).map((part) => (
          <button
            key={part.key}
            className="tl-hold"
            title={`Zoom to the longest of it: ${part.text}`}
            onClick={() => {
              const margin = (part.to - part.from) * 0.35;
              viewport.show(part.from - margin, part.to + margin);
              select(part.row, true);
            }}
          >
            <i className="tl-swatch" style={{ background: cssFill(palette, tones, part.layer, isOwned(part.layer) ? groupOf(trace, part.row) : '') }} />
            <b>{formatTime(part.time)}</b>
            <span>{part.text}</span>
          </button>
        ))}
    </span>
  );
}

function Stack({ parts, total }: { parts: Part[]; total: number }) {
  const { analysis, palette, tones, state, act } = useTrace();
  const hover = useHover();
  const { trace } = analysis;
  const bar = useRef<HTMLDivElement>(null);
  const { width } = useSize(bar);
  return (
    <div className="tl-stack" ref={bar} role="group" aria-label={`Share by layer and ${trace.groupBy}; press to filter`}>
      {parts.map((part, k) => {
        const owned = isOwned(part.layer);
        const textured = part.layer === Layer.Kernel || part.layer === Layer.Unseen;
        const label = owned ? part.group || `no ${trace.groupBy}` : LAYER_NAMES[part.layer].toLowerCase();
        const share = part.time / total;
        const words = [`${label} ${formatTime(part.time)}`, label].find((text) => text.length * LETTER + (textured ? 20 : 12) < share * width);
        const highlight = { layer: part.layer, group: owned ? part.group : undefined };
        return (
          <button
            key={`${part.layer}${part.group}`}
            className={k > 0 && parts[k - 1].layer !== part.layer ? 'tl-gap' : ''}
            data-off={state.onlyGroup !== '' && (!owned || part.group !== state.onlyGroup)}
            title={`${LAYER_NAMES[part.layer]}${owned ? `, ${label}` : ''}: ${formatTime(part.time)} (${formatShare(part.time, total)})`}
            style={{
              flex: `${Math.max(share, 1 / 400)} 1 0`,
              background: cssFill(palette, tones, part.layer, part.group),
              color: part.layer === Layer.Network ? palette.netInk : 'var(--tl-ink)',
            }}
            onMouseEnter={() => hover.point(highlight)}
            onMouseLeave={() => hover.point(null)}
            onClick={() => (owned ? act.only(part.group) : act.pin({ layer: part.layer }))}
          >
            {words && <span className={textured ? 'tl-plate' : ''}>{words}</span>}
          </button>
        );
      })}
    </div>
  );
}
