import React, { useEffect, useState } from 'react';
import { css } from '@emotion/css';
import { type GrafanaTheme2, locationUtil } from '@grafana/data';
import { type DataSourceWithBackend, getDataSourceSrv } from '@grafana/runtime';
import { sceneGraph, type SceneComponentProps, SceneObjectBase, type SceneObjectState } from '@grafana/scenes';
import { Alert, LinkButton, useStyles2 } from '@grafana/ui';
import { spans } from '../language/counts';
import { t } from '../language/t';
import { ago, blindSeconds, type Connection, length, number, sourceName } from './connection';

// How often it is read again: the server stores its ledger every ten seconds.
const every = 10_000;

interface State extends SceneObjectState {
  datasource: string; // uid, may name a variable
}

/** What is connected and what is not, why, and what to do. */
export class Connected extends SceneObjectBase<State> {
  static Component = ConnectedView;
}

type Answer = { connection?: Connection; error?: string };

const message = (e: unknown): string =>
  (e as { data?: { message?: string } })?.data?.message ?? (e instanceof Error ? e.message : t('connected.no-answer', 'no answer'));

// Reads now and every ten seconds, while the page is seen.
function useConnection(uid: string): Answer {
  const [answer, set] = useState<Answer>({});
  useEffect(() => {
    let gone = false;
    const read = async () => {
      if (document.hidden) {
        return;
      }
      try {
        const ds = (await getDataSourceSrv().get(uid)) as DataSourceWithBackend;
        const connection: Connection = await ds.getResource('connected', undefined, { showErrorAlert: false });
        if (!gone) {
          set({ connection });
        }
      } catch (e) {
        if (!gone) {
          set({ error: message(e) });
        }
      }
    };
    if (uid) {
      read();
    }
    const timer = uid ? setInterval(read, every) : undefined;
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [uid]);
  return answer;
}

function ConnectedView({ model }: SceneComponentProps<Connected>) {
  const { datasource } = model.useState();
  sceneGraph.getVariables(model).useState(); // draws again when the data source is chosen
  const uid = sceneGraph.interpolate(model, datasource);
  const { connection, error } = useConnection(uid);
  if (!uid || uid === datasource) {
    return (
      <Alert severity="info" title={t('connected.none', 'There is no data source of Throughline yet')}>
        <p>{t('connected.none-help', 'It says where the spans are: at a Throughline server, or in a ClickHouse.')}</p>
        <LinkButton href={locationUtil.assureBaseUrl('/connections/datasources/new')}>{t('connected.add', 'Add a data source')}</LinkButton>
      </Alert>
    );
  }
  if (error) {
    return (
      <Alert severity="error" title={t('connected.silent', 'The data source does not answer')}>
        {error}
      </Alert>
    );
  }
  return connection ? <ConnectionView connection={connection} datasource={uid} /> : <p role="status">{t('connected.looking', 'Looking …')}</p>;
}

/** The overview of one data source. */
export function ConnectionView({ connection: c, datasource }: { connection: Connection; datasource: string }) {
  const styles = useStyles2(getStyles);
  if (!c.store.ok) {
    return (
      <Alert severity="error" title={t('connected.unread', 'The store cannot be read')}>
        <p>{c.store.message}</p>
        <LinkButton href={locationUtil.assureBaseUrl(`/connections/datasources/edit/${datasource}`)}>{t('connected.settings', 'Settings of the data source')}</LinkButton>
      </Alert>
    );
  }
  const alive = c.agents.filter((a) => a.alive).length;
  const code = c.sources.some((s) => s.source === 'APP' && s.last > 0);
  const optional = c.advice.filter((a) => a.optional);
  const lost = c.losses.reduce((sum, l) => sum + l.count, 0);
  return (
    <section aria-label={t('connected.label', 'What is connected')} data-testid={t('connected.connected', 'connected')}>
      {c.advice.filter((a) => !a.optional).map((a) => (
        <Alert key={a.what} severity="warning" title={a.what}>
          {a.do}.
        </Alert>
      ))}
      <dl className={styles.tiles}>
        <Tile name={t('connected.store', 'Store')} value={t('connected.connected', 'connected')} note={c.store.where} state="good" />
        <Tile
          name={t('connected.agents', 'Agents')}
          value={t('connected.alive', '{{alive}} of {{all}}', { alive, all: c.agents.length })}
          note={c.agents.length ? onNodes(new Set(c.agents.map((a) => a.node)).size) : t('connected.no-agent', 'none has reported')}
          state={c.agents.length === 0 && code ? 'none' : alive > 0 && alive === c.agents.length ? 'good' : 'bad'}
        />
        {c.sources.map((s) => (
          <Tile
            key={s.source}
            name={sourceName(s.source)}
            value={ago(s.last, c.now)}
            note={s.stored ? t('connected.stored', '{{spans}} stored', { spans: spans(s.stored) }) : t('connected.last-span', 'last span')}
            state={s.last ? 'good' : code && s.source !== 'APP' ? 'none' : 'bad'}
          />
        ))}
        <Tile
          name={t('connected.losses', 'Losses')}
          value={number(lost)}
          note={t('connected.of-hours', 'of {{n}} hours, each counted', { n: c.hours })}
          state={lost ? 'bad' : 'good'}
        />
      </dl>
      {optional.length > 0 && (
        <details className={styles.details}>
          <summary>{t('connected.add-agents', 'What agents would add: the kernel’s and the network’s part of the time, and services without instrumentation')}</summary>
          <ul>
            {optional.map((a) => (
              <li key={a.what}>
                {a.what}. {a.do}.
              </li>
            ))}
          </ul>
        </details>
      )}
      {c.agents.length > 0 && (
        <details className={styles.details} open={alive < c.agents.length}>
          <summary>{t('connected.agents', 'Agents')}</summary>
          <table className={styles.table}>
            <thead>
              <tr>
                {[
                  t('connected.agent', 'Agent'),
                  t('field.node', 'Node'),
                  t('connected.heard', 'Last heard of'),
                  t('connected.up', 'Up for'),
                  t('connected.starts', 'Starts'),
                  t('connected.lost', 'Lost'),
                  t('connected.blind', 'Saw nothing for'),
                ].map((h) => (
                  <th key={h} scope="col">
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {c.agents.map((a) => (
                <tr key={a.name}>
                  <th scope="row">{a.name}</th>
                  <td>{a.node}</td>
                  <td className={a.alive ? styles.good : styles.bad}>{ago(a.heard, c.now)}</td>
                  <td>{a.alive && a.started ? length((c.now - a.started) / 1000) : '–'}</td>
                  <td>{a.runs}</td>
                  <td className={a.lost ? styles.bad : undefined}>{number(a.lost)}</td>
                  <td className={a.blind?.length ? styles.bad : undefined}>
                    {a.blind?.length ? length(blindSeconds(a)) : '–'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
      {c.losses.length > 0 && (
        <details className={styles.details}>
          <summary>{t('connected.losses-by', 'Losses, by who counted them')}</summary>
          <table className={styles.table}>
            <thead>
              <tr>
                {[
                  t('connected.counted-by', 'Counted by'),
                  t('connected.stage', 'Stage'),
                  t('field.source', 'Source'),
                  t('connected.what', 'What'),
                  t('connected.count', 'Count'),
                ].map((h) => (
                  <th key={h} scope="col">
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {c.losses.map((l) => (
                <tr key={[l.reporter, l.stage, l.source, l.what].join()}>
                  <th scope="row">{l.reporter}</th>
                  <td>{l.stage}</td>
                  <td>{l.source || t('connected.all', 'all')}</td>
                  <td>{l.what}</td>
                  <td>{number(l.count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {c.moreLosses ? <p>{c.moreLosses === 1 ? t('connected.more-loss', '1 smaller line is not shown.') : t('connected.more-losses', '{{n}} smaller lines are not shown.', { n: c.moreLosses })}</p> : null}
        </details>
      )}
    </section>
  );
}

interface TileProps {
  name: string;
  value: string;
  note?: string;
  state: 'good' | 'bad' | 'none'; // none: not there, and not missed
}

// The state is in words too: colour alone tells nobody who cannot see it.
function Tile({ name, value, note, state }: TileProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.tile}>
      <dt>{name}</dt>
      <dd>
        <strong className={styles[state]}>
          <span aria-hidden>{{ good: '● ', bad: '▲ ', none: '○ ' }[state]}</span>
          {value}
        </strong>
        <span className={styles.note} title={note}>
          {note}
        </span>
      </dd>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  tiles: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(180px, 1fr))',
    gap: theme.spacing(1),
    margin: 0,
  }),
  tile: css({
    padding: theme.spacing(1, 1.5),
    background: theme.colors.background.secondary,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    minWidth: 0,
    dt: { fontWeight: 'normal', color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize },
    dd: { margin: 0, display: 'flex', flexDirection: 'column' },
    strong: { fontSize: theme.typography.h4.fontSize, fontWeight: theme.typography.fontWeightMedium },
  }),
  note: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  }),
  good: css({ color: theme.colors.success.text }),
  bad: css({ color: theme.colors.warning.text }),
  none: css({ color: theme.colors.text.secondary }),
  details: css({ marginTop: theme.spacing(1), summary: { cursor: 'pointer', padding: theme.spacing(0.5, 0) } }),
  table: css({
    width: '100%',
    fontVariantNumeric: 'tabular-nums',
    'th, td': {
      textAlign: 'left',
      padding: theme.spacing(0.5, 1),
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
    'thead th': { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightMedium },
    'tbody th': { fontWeight: 'normal' },
  }),
});

const onNodes = (n: number): string => (n === 1 ? t('connected.on-node', 'on 1 node') : t('connected.on-nodes', 'on {{n}} nodes', { n }));
