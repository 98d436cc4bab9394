// The panel's core without Grafana, for pictures and measurements in a browser. What it
// shows is chosen by the address: #state=webshop|drift|partial|many|one|shape|empty|loading|error,
// theme, tab, size (spans of `many`); with #held it waits for a call of window.begin().
import React, { useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import expected from '../../../testdata/expected-trace.json';
import { paletteFor } from '../../canvas/theme';
import type { Clocks } from '../../trace/clocks';
import type { FrameLike } from '../../trace/columns';
import { batchFrame } from '../../trace/fixture/many';
import { quicker } from '../../trace/fixture/quicker';
import { webshopFrame, type ExpectedSpan } from '../../trace/fixture/webshop';
import type { Renderer } from '../../canvas/renderer';
import { Explorer } from '../Explorer';
import { useAnalysis } from '../useAnalysis';
import { sentFrame, type SentFrame } from '../../trace/fixture/sent';
import { ClientContext, replaceTraceWorker, useTraceClient } from '../traceWorker';
import { Empty, Failed, Loading } from '../States';
import { STYLES } from '../styles';

declare const TRACE_WORKER: string;
const asked = new URLSearchParams(location.hash.slice(1));
const state = asked.get('state') ?? 'webshop';
const palette = paletteFor(asked.get('theme') !== 'light');
const spans = expected.spans as unknown as ExpectedSpan[];

const made = asked.get('state') === 'many' ? batchFrame(Number(asked.get('size') ?? 85_000)) : null; // takes long, and is no work of the panel's

function frameOf(): FrameLike {
  switch (state) {
    case 'partial':
      return webshopFrame(spans, new Set([56, 57, 58, 88, 89, 93]));
    case 'many':
      return made!;
    case 'one': {
      const frame = webshopFrame(spans);
      const row = (frame.fields[0].values as string[]).indexOf((100).toString(16).padStart(16, '0'));
      const fields = frame.fields.map((f) => ({ name: f.name, values: [f.name === 'parentIdx' ? -1 : f.name === 'offset' ? 0 : f.values[row]] }));
      return { ...frame, length: 1, fields };
    }
    case 'shape':
      return sentFrame((window as never as { shape: { frame: SentFrame } }).shape.frame);
    default: {
      const frame = webshopFrame(spans);
      // Medians as the store would keep them, of the hop that is slow here.
      const usual = { '|POST /orders|c-nd': 153e6, '|POST /orders|s-nd': 152.82e6, 'svc-order|POST /orders|c-p': 153.4e6, 'svc-stock|GET /stock/{id}|s-p': 14.1e6 };
      return { ...frame, meta: { custom: { ...frame.meta!.custom, usual, offsets: { node0: 0, node1: 1.2e6, node2: -0.4e6 } } } };
    }
  }
}

// The same without the packet that is lost; with #state=drift, some code that took longer there and a call that was not made.
const other = made && batchFrame(made.length! * 0.8);

function another(): FrameLike {
  return other ?? quicker(state === 'drift' ? quicker(webshopFrame(spans, new Set([38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 96])), 320e6, 30e6) : webshopFrame(spans));
}

const attributes = async (id: string, start: string) => ({
  id,
  startNs: start,
  wire: { requestSeq: 2890007919, responseSeq: 1340006007, flow: '7731' },
  attributes: [{ key: 'http.request.method', value: 'POST', type: 'string' }, { key: 'http.response.status_code', value: 200, type: 'int' }],
  events: [{ time: String(BigInt(start) + BigInt(9e6)), name: 'cache miss', attributes: { key: 'item' } }],
});

// What bench.mjs asks for.
const measure = (renderer: Renderer | null) => void Object.assign(window, { throughline: renderer && { renderer } });

function App() {
  const [begun, begin] = useState(!asked.has('held'));
  Object.assign(window, { begin: () => begin(true) });
  return begun ? <Shown /> : <Loading palette={palette} words="Held until it is asked for" />;
}

function Shown() {
  const [spanId, setSpanId] = useState(asked.get('span') ?? '');
  const [clocks, setClocks] = useState<Clocks>('auto');
  const [frame] = useState(() => {
    const made = frameOf();
    Object.assign(window, { began: performance.now(), longest: 0 });
    new PerformanceObserver((list) => list.getEntries().forEach((e) => e.startTime >= (window as never as { began: number }).began && Object.assign(window, { longest: Math.max((window as never as { longest: number }).longest, e.duration) }))).observe({ entryTypes: ['longtask'] });
    return made;
  });
  const [second, setSecond] = useState<FrameLike>();
  const client = useTraceClient();
  const timed = useAnalysis(client, frame, clocks);
  const beside = useAnalysis(client, second);
  const comparable = { other: beside, open: () => setSecond(another()) };
  const choice = useMemo(() => ({ chosen: clocks, choose: setClocks }), [clocks]);
  if (!timed) {
    return <Loading palette={palette} words="Laying out" />;
  }
  return <ClientContext.Provider value={client}><Explorer analysis={timed} palette={palette} spanId={spanId} onSelect={setSpanId} loadDetails={attributes} clocks={choice} comparable={comparable} onRenderer={measure} /></ClientContext.Provider>;
}

function Page() {
  switch (state) {
    case 'loading':
      return <Loading palette={palette} />;
    case 'empty':
      return <Empty palette={palette} asked="" open={() => {}} />;
    case 'error':
      return <Failed palette={palette} message="store: timeout after 30 s" retry={() => {}} />;
    default:
      return <App />;
  }
}

// #worker=none shows what a page without workers does.
replaceTraceWorker(() => (asked.get('worker') === 'none' ? null : new Worker(URL.createObjectURL(new Blob([TRACE_WORKER], { type: 'text/javascript' })))));
document.body.style.background = palette.sunken;
const strict = asked.has('strict');
const shown = (
  <>
    <style>{STYLES}</style>
    <Page />
  </>
);
createRoot(document.getElementById('panel')!).render(strict ? <React.StrictMode>{shown}</React.StrictMode> : shown);
