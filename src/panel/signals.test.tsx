import React from 'react';
import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { analyse } from '../trace/analysis';
import { webshop } from '../trace/fixture';
import { TraceContext, type TraceView } from './context';
import { SignalLinks } from './SignalLinks';
import { signalSpan, SignalsContext, type Signals } from './signals';

const details = {
  id: '00000000000000aa',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  startNs: '1700000000000250000',
  duration: 12_500_000,
  signalTags: { 'k8s.pod.name': 'web-0', 'k8s.namespace.name': 'shop', 'process.pid': 7 },
};

const show = (settings: Signals['settings'], of: unknown = details) => {
  const analysis = analyse(webshop());
  const signals: Signals = { settings, typeOf: (uid) => (uid === 'l' ? 'loki' : uid === 'p' ? 'prometheus' : undefined), href: (link) => `#${link.query.expr}` };
  render(
    <TraceContext.Provider value={{ analysis } as TraceView}>
      <SignalsContext.Provider value={signals}>
        <SignalLinks row={3} details={of} />
      </SignalsContext.Provider>
    </TraceContext.Provider>
  );
  return screen.queryAllByRole('link').map((a) => [a.textContent, a.getAttribute('href')]);
};

it('offers logs and metrics of the pod where they are configured', () => {
  const links = show({
    tracesToLogsV2: { datasourceUid: 'l', spanStartTimeShift: '-1m' },
    tracesToMetrics: { datasourceUid: 'p', queries: [{ name: 'CPU', query: 'cpu{$__tags}' }] },
    tracesToProfiles: { datasourceUid: 'gone' },
  });
  expect(links).toEqual([
    ['Logs of this pod around this time', '#{namespace="shop", pod="web-0"}'],
    ['Metrics: CPU', '#cpu{namespace="shop", pod="web-0"}'],
  ]);
});

it('offers nothing where nothing is configured or the data source is older', () => {
  expect(show({})).toEqual([]);
  expect(show({ tracesToLogsV2: { datasourceUid: 'l' } }, { id: 'x' })).toEqual([]);
});

it('takes a span that carries no trace id for one of the trace', () => {
  expect(signalSpan({ startNs: '1700000000000250000' }, 'read', { id: 'abc', name: 'GET /', duration: 5e6 })).toEqual({
    traceId: 'abc', spanId: '', name: 'read', start: 1_700_000_000_000.25, duration: 0, trace: { name: 'GET /', duration: 5 }, tags: {},
  });
  expect(signalSpan(null, '', { id: '', name: '', duration: 0 })).toBeUndefined();
});
