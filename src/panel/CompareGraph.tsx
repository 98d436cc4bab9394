// Two traces as flame graphs on one time scale, root to root, with ribbons between them.
import React, { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { t } from '../language/t';
import { ComparisonPainter } from '../canvas/comparison';
import { ComparisonPointer } from '../canvas/comparisonPointer';
import type { At } from '../canvas/comparisonScene';
import type { Size } from '../canvas/scale';
import { answerOf } from '../trace/answer';
import { shownDifference } from '../trace/compare';
import { pairWords } from '../trace/comparePair';
import type { Trace } from '../trace/model';
import { formatTime, signedTime } from '../trace/format';
import { walk, type Step } from '../trace/walk';
import { useTrace } from './context';
import { Floating } from './Floating';
import { useComparisonScene, type Compared } from './useComparisonScene';
import { usePixelRatio } from './usePixelRatio';

interface CompareGraphProps {
  compared: Compared;
  /** Rows of the chosen pair, -1 where one trace has none. */
  chosen: [number, number] | null;
  choose: (pair: [number, number] | null, open?: boolean) => void;
  /** Only what differs, or all. */
  folded: boolean;
  size: Size;
}

const ARROWS: Record<string, Step> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };
const UPSIDE_DOWN: Partial<Record<Step, Step>> = { up: 'down', down: 'up' };

export function CompareGraph({ compared, chosen, choose, folded, size }: CompareGraphProps) {
  const { palette, viewport, state } = useTrace();
  const { a, b, comparison } = compared;
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<ComparisonPainter | null>(null);
  const [tip, setTip] = useState<(At & { x: number; y: number }) | null>(null);
  const ratio = usePixelRatio();
  const { scene, busy } = useComparisonScene(compared, palette, size, folded, state);
  const drawn = scene !== null;
  const pairOf = ({ side, row }: At): [number, number] => (side === 0 ? [row, comparison.match.toB[row]] : [comparison.match.toA[row], row]);
  const current = useRef<{ hover: (at: At | null, x: number, y: number) => void; choose: (at: At | null) => void; zoom: (at: At | null) => void }>(null!);
  useLayoutEffect(() => {
    current.current = {
      hover: (at, x, y) => {
        const box = canvas.current?.getBoundingClientRect();
        setTip(at && box ? { ...at, x: box.left + x, y: box.top + y } : null);
      },
      choose: (at) => choose(at && pairOf(at), true),
      zoom: (at) => (at ? zoomToPair(viewport, compared, pairOf(at)) : viewport.showAll()),
    };
  });
  useLayoutEffect(() => {
    const made = new ComparisonPainter(canvas.current!, viewport);
    const pointer = new ComparisonPointer(canvas.current!, made, {
      hover: (at, x, y) => current.current.hover(at, x, y),
      choose: (at) => current.current.choose(at),
      zoom: (at) => current.current.zoom(at),
    });
    painter.current = made;
    return () => {
      pointer.dispose();
      made.dispose();
      painter.current = null;
    };
  }, [viewport]);
  useLayoutEffect(() => {
    viewport.reset(boundsOf(compared, (t) => t), boundsOf(compared, (t) => answerOf(t).home));
  }, [viewport, compared]);
  useLayoutEffect(() => void (scene && painter.current?.setScene(scene)), [scene, viewport]);
  useLayoutEffect(() => painter.current?.resize(size.width, size.height), [size, ratio, viewport]);
  useLayoutEffect(() => painter.current?.scrollToMiddle(), [compared, folded, size.height, viewport, drawn]);
  useEffect(() => {
    if (painter.current) {
      painter.current.marked = chosen && (chosen[1] >= 0 ? { side: 1, row: chosen[1] } : { side: 0, row: chosen[0] });
      painter.current.request();
    }
  }, [chosen, scene]);

  const onKeyDown = (e: React.KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey) {
      return;
    }
    const side = chosen && chosen[1] < 0 ? 0 : 1;
    if (e.key in ARROWS) {
      const step = (side === 0 && UPSIDE_DOWN[ARROWS[e.key]]) || ARROWS[e.key];
      const row = scene ? walk(scene.halves[side].layout, chosen ? chosen[side] : -1, step) : -1;
      if (row >= 0) {
        choose(pairOf({ side, row }));
      }
    } else if ((e.key === 'z' || e.key === 'Enter') && chosen) {
      zoomToPair(viewport, compared, chosen);
    } else if (e.key === 'o' && chosen && chosen[0] >= 0 && chosen[1] >= 0) {
      choose(chosen, true);
    } else {
      return;
    }
    e.preventDefault();
    e.stopPropagation();
  };
  const words = chosen && pairWords(comparison, a, b, chosen);
  return (
    <>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-busy={busy}
        data-testid="throughline-comparison"
        onKeyDown={onKeyDown}
        aria-label={t('compare.graph', 'Two flame graphs on one time scale: {{captions}}. Arrow keys walk the spans, Z zooms to one; the tables beside it are the same.', { captions: compared.captions.join('; ') })}
      />
      <div className="tl-sr" aria-live="polite">
        {words && `${words.name}, ${words.where}: ${words.said}`}
      </div>
      {tip && (
        <Floating at={tip}>
          <PairTip compared={compared} pair={pairOf(tip)} />
        </Floating>
      )}
    </>
  );
}

function PairTip({ compared, pair }: { compared: Compared; pair: [number, number] }) {
  const { name, where, durations, own, held, said } = pairWords(compared.comparison, compared.a, compared.b, pair);
  const time = (ns: number) => (ns < 0 ? t('compare.none', 'none') : formatTime(ns));
  return (
    <>
      <h4>{name}</h4>
      <div className="tl-dim">{where}</div>
      <div data-testid="pair" style={{ marginTop: 4 }}>
        {said}
      </div>
      <table className="tl-pair">
        <thead>
          <tr>
            <td />
            <th scope="col">{t('compare.there-short', 'there')}</th>
            <th scope="col">{t('compare.here-short', 'here')}</th>
            <th scope="col">{t('compare.difference-short', 'difference')}</th>
          </tr>
        </thead>
        <tbody>
          {(
            [
              [t('drawer.duration', 'duration'), durations],
              [t('tip.own', 'own time'), own],
            ] as const
          ).map(([what, [there, here]]) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>{time(there)}</td>
              <td>{time(here)}</td>
              <td>
                <b>{signedTime(shownDifference([Math.max(0, there), Math.max(0, here)]))}</b>
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row">{t('compare.of-whole', 'of the whole difference')}</th>
            <td />
            <td />
            <td>
              <b>{signedTime(held)}</b>
            </td>
          </tr>
        </tbody>
      </table>
    </>
  );
}

const startOf = ({ trace }: Compared['a']): number => (trace.main < 0 ? 0 : trace.start[trace.main]);

/** A stretch of both traces, from the start of each. */
function boundsOf({ a, b }: Compared, of: (t: Trace) => { from: number; to: number }): { from: number; to: number } {
  const [there, here] = [of(a.trace), of(b.trace)];
  return { from: Math.min(there.from - startOf(a), here.from - startOf(b)), to: Math.max(there.to - startOf(a), here.to - startOf(b)) };
}

/** Shows a span of both traces, wherever in time each is. */
export function zoomToPair(viewport: { show: (from: number, to: number) => void }, { a, b }: Compared, [i, j]: [number, number]): void {
  const times = [
    ...(i >= 0 ? [a.trace.start[i] - startOf(a), a.trace.end[i] - startOf(a)] : []),
    ...(j >= 0 ? [b.trace.start[j] - startOf(b), b.trace.end[j] - startOf(b)] : []),
  ];
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const margin = Math.max(to - from, 1000) * 0.06;
  viewport.show(from - margin, to + margin);
}
