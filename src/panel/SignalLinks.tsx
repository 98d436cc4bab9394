import React, { useContext, useMemo } from 'react';
import { t } from '../language/t';
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
      <h5>{t('signals.title', 'Around this time')}</h5>
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
  const pod = Boolean(tags['k8s.pod.name']);
  switch (signal) {
    case 'logs':
      return pod ? t('signals.pod-logs', 'Logs of this pod around this time') : t('signals.logs', 'Logs around this time');
    case 'metrics':
      return name ? t('signals.metrics-named', 'Metrics: {{name}}', { name }) : pod ? t('signals.pod-metrics', 'Metrics of this pod') : t('signals.metrics', 'Metrics');
    default:
      return t('signals.profiles', 'Profiles of this service');
  }
}
