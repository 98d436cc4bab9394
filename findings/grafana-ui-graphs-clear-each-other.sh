#!/usr/bin/env bash
# @grafana/ui 13.2.2: two TimeSeries on a dashboard with a shared pointer, each with an EventBusPlugin, clear each other's cursor for ever.
#
# A plugin that draws graphs as Grafana's own panel does takes TimeSeries, TooltipPlugin2 and EventBusPlugin from @grafana/ui. The
# EventBusPlugin marks the events that it publishes, and ignores marked ones, for uPlot joins the graphs by itself. But the TimeSeries
# that the package exports listens for DataHoverClearEvent too, and looks at no mark: when the pointer has left one graph, the other
# one clears its cursor, whose EventBusPlugin publishes that, which clears the first one, and so on, ten times a second and graph,
# until the page is closed. Whoever points at a graph meanwhile sees no tooltip, or one that is gone at once. TimeSeries alone is enough.
#
# Seen: "without EventBusPlugin: 0 clear events in 3 s; with it: more than 20, and in the next 3 s more than 20" (about 50 each).
# Exit status 0 while that is so, 1 when it changes. Needs Node 20 and an npm registry. No browser: jsdom, with a canvas that draws nothing.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps @grafana/ui@13.2.2 @grafana/data@13.2.2 @grafana/schema@13.2.2 \
  react@18.3.1 react-dom@18.3.1 jsdom@26.1.0 esbuild@0.25.12
node node_modules/esbuild/install.js
cat > graphs.tsx <<'TSX'
import { createDataFrame, createTheme, DataHoverClearEvent, dateTime, EventBusSrv, FieldType, ThemeContext } from '@grafana/data';
import { EventBusPlugin, PanelContextProvider, TimeSeries } from '@grafana/ui';
import * as React from 'react';
import { createRoot } from 'react-dom/client';

const bus = new EventBusSrv();
let cleared = 0;
bus.getStream(DataHoverClearEvent).subscribe(() => cleared++);

const begin = 1_700_000_000_000;
const [from, to] = [dateTime(begin), dateTime(begin + 80_000)];
const frames = [
  createDataFrame({
    fields: [
      { name: 'time', type: FieldType.time, values: [0, 1, 2, 3, 4].map((i) => begin + i * 20_000) },
      { name: 'value', type: FieldType.number, values: [1, 2, 3, 2, 1], config: { custom: {} } },
    ],
  }),
];
frames[0].fields.forEach((f) => {
  f.state = {};
  f.display = (v) => ({ text: String(v), numeric: Number(v) });
});

function Graph({ plugin }: { plugin: boolean }) {
  const context: any = React.useMemo(() => ({ eventBus: bus.newScopedBus('graph', { onlyLocal: false }), eventsScope: 'global', sync: () => 1 }), []);
  return (
    <PanelContextProvider value={context}>
      <TimeSeries frames={frames} structureRev={1} timeRange={{ from, to, raw: { from, to } }} timeZone="utc" width={400} height={200} legend={{ showLegend: false } as any}>
        {(config, aligned) => (plugin ? <EventBusPlugin config={config} eventBus={context.eventBus} frame={aligned} /> : null)}
      </TimeSeries>
    </PanelContextProvider>
  );
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function clearsAfterLeaving(plugin: boolean) {
  const place = document.body.appendChild(document.createElement('div'));
  const root = createRoot(place);
  root.render(
    <ThemeContext.Provider value={createTheme()}>
      <Graph plugin={plugin} />
      <Graph plugin={plugin} />
    </ThemeContext.Provider>
  );
  while (place.querySelectorAll('.u-over').length < 2) {
    await pause(50);
  }
  await pause(500);
  const graph = place.querySelector('.u-over')!;
  for (const clientX of [100, 120, 200]) {
    graph.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX, clientY: 50 }));
    await pause(150);
  }
  graph.dispatchEvent(new MouseEvent('mouseleave', { clientX: -5, clientY: 50 }));
  await pause(1000); // what the leaving itself clears
  const counts = [];
  for (let i = 0; i < 2; i++) {
    const before = cleared;
    await pause(3000);
    counts.push(cleared - before);
  }
  root.unmount();
  return counts;
}

async function main() {
  const [without] = await clearsAfterLeaving(false);
  const [first, next] = await clearsAfterLeaving(true);
  const many = (n: number) => (n > 20 ? 'more than 20' : String(n));
  return `without EventBusPlugin: ${without} clear events in 3 s; with it: ${many(first)}, and in the next 3 s ${many(next)}`;
}
(window as any).said = main();
TSX
npx esbuild graphs.tsx --bundle --outfile=graphs.js --format=iife --jsx=automatic --loader:.ttf=empty --loader:.css=empty \
  --define:process.env.NODE_ENV='"production"' --define:global=window --log-level=error
cat > run.cjs <<'JS'
const { JSDOM } = require('jsdom');
const { window } = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true, runScripts: 'outside-only', url: 'http://localhost/' });
const drawsNothing = new Proxy(function () {}, {
  get: (_, key) => (key === 'measureText' ? () => ({ width: 10 }) : key === Symbol.toPrimitive ? () => 0 : drawsNothing),
  apply: () => drawsNothing,
  set: () => true,
});
class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
window.HTMLCanvasElement.prototype.getContext = () => drawsNothing;
Object.assign(window, { Path2D: class { constructor() { return drawsNothing; } }, ResizeObserver: Observer, IntersectionObserver: Observer, TextEncoder, TextDecoder, structuredClone });
window.matchMedia = () => ({ matches: false, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {} });
window.eval(require('node:fs').readFileSync('graphs.js', 'utf8'));
window.said.then((said) => {
  console.log(said);
  process.exit(0);
});
JS
said=$(timeout 120 node run.cjs)
echo "$said"
[ "$said" = "without EventBusPlugin: 0 clear events in 3 s; with it: more than 20, and in the next 3 s more than 20" ]
