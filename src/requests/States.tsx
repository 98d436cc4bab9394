// What the list shows when there is none.
import React from 'react';
import { t } from '../language/t';

const State = ({ title, children, role }: { title: string; children: React.ReactNode; role?: string }) => (
  <div className="tr">
    <div className="tr-state" role={role}>
      <h3>{title}</h3>
      <div className="tr-dim">{children}</div>
    </div>
  </div>
);

export const Empty = ({ why = [] }: { why?: string[] }) => (
  <State title={t('list.none', 'No rows')}>{why.length > 0 ? t('list.nothing-found', 'Nothing was found: {{why}}.', { why: why.join('; ') }) : t('list.nothing', 'Nothing in the time range matches.')}</State>
);

/** Nobody answered: Grafana's refresh button takes back what is under way. */
export const NotRead = ({ retry }: { retry: () => void }) => (
  <State title={t('list.not-read', 'The requests were not read')} role="alert">
    <p>{t('list.cancelled', 'Their query was cancelled before it was answered.')}</p>
    <button className="tr-button" onClick={retry}>
      {t('state.again', 'Try again')}
    </button>
  </State>
);

export const NoRequests = () => (
  <State title={t('list.not-search', 'Not a search')}>{t('list.not-search-help', 'This panel lists what a Throughline search finds. Choose the query type Search, or another panel.')}</State>
);

export const Failed = ({ message }: { message: string }) => (
  <State title={t('list.failed', 'The requests could not be read')} role="alert">
    <code>{message}</code>
  </State>
);

// Lengths of bars that could be any.
const SKELETON = [72, 54, 81, 40, 66, 58, 77, 49, 62, 70];

export const Loading = () => (
  <div className="tr">
    <div className="tr-skeleton" role="status" aria-label={t('list.looking', 'Looking for requests')}>
      {SKELETON.map((width, k) => (
        <i key={k} style={{ width: `${width}%` }} />
      ))}
    </div>
  </div>
);
