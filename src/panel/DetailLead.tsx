import React from 'react';
import { t } from '../language/t';
import { detailRecord } from './details/record';
import { ExceptionCard } from './details/ExceptionCard';
import { Text } from './details/Value';
import { ModelCallSection } from './details/ModelCallSection';

/** More are counted, and are among the events. */
const MOST = 10;

/**
 * What a reader wants first: why it failed, what was thrown, what a model was asked. The message
 * is in the trace already, the rest comes with the span's details.
 */
export function DetailLead({ details, message, failed }: { details?: unknown; message: string; failed: boolean }) {
  const record = details === undefined ? undefined : detailRecord(details);
  const exceptions = record?.exceptions ?? [];
  const said = typeof record?.fields.statusMessage === 'string' ? record.fields.statusMessage : message;
  // An exception says it again.
  const repeated = exceptions.some(({ exception: { type, message: m } }) => said === m || said === `${type}: ${m}`);
  return (
    <>
      {said !== '' && !repeated && (
        <section data-testid="status-message">
          <h5>{failed ? t('details.error', 'Error') : t('field.status', 'Status')}</h5>
          <div className={failed ? 'tl-status-message' : undefined}>
            <Text text={said} block={false} name="message" />
          </div>
        </section>
      )}
      {exceptions.length > 0 && (
        <section>
          <h5>{exceptions.length === 1 ? t('details.exception', 'Exception') : t('details.exceptions', '{{n}} exceptions', { n: exceptions.length })}</h5>
          {exceptions.slice(0, MOST).map(({ exception, when }, k) => (
            <ExceptionCard key={k} exception={exception} when={when} />
          ))}
          {exceptions.length > MOST && <div className="tl-dim">{t('details.more-exceptions', '… and {{n}} more, among the events', { n: exceptions.length - MOST })}</div>}
        </section>
      )}
      {record?.modelCall && <ModelCallSection call={record.modelCall} />}
    </>
  );
}
