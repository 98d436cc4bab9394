import React, { useContext, useMemo } from 'react';
import { labelOf } from '../trace/label';
import { signalLinks, type SignalLink } from '../trace/signals';
import { useTrace } from './context';
import { signalSpan, SignalsContext } from './signals';

/** Links to what other data sources have of the selected span's pod, process or service. */
export function SignalLinks({ row, details }: { row: number; details: unknown }) {
  const { analysis } = useTrace();
  const signals = useContext(SignalsContext);
  const { trace } = analysis;
  const links = useMemo(() => {
    const root = trace.main >= 0 ? trace.main : row;
    const span = signalSpan(details, trace.text.name[row], { id: trace.meta.traceId, name: labelOf(trace, root), duration: trace.to - trace.from });
    return signals && span ? signalLinks(signals.settings, span, signals.typeOf).map((link) => ({ link, words: words(link, span.tags) })) : [];
  }, [signals, details, trace, row]);
  if (!signals || links.length === 0) {
    return null;
  }
  return (
    <section data-testid="signals">
      <h5>Around this time</h5>
      {links.map(({ link, words }) => (
        <div key={`${link.signal} ${link.name}`}>
          <a className="tl-link" href={signals.href(link)} target="_blank" rel="noreferrer">
            {words}
          </a>
        </div>
      ))}
    </section>
  );
}

function words({ signal, name }: SignalLink, tags: Readonly<Record<string, string>>): string {
  const of = tags['k8s.pod.name'] ? ' of this pod' : '';
  switch (signal) {
    case 'logs':
      return `Logs${of} around this time`;
    case 'metrics':
      return name ? `Metrics: ${name}` : `Metrics${of}`;
    default:
      return 'Profiles of this service';
  }
}
