import React from 'react';
import { describe, expect, it } from 'vitest';
import { render, screen } from '@testing-library/react';
import { ago, blindSeconds, type Agent, type Connection, length } from './connection';
import { ConnectionView } from './Connected';

const agent = (part: Partial<Agent>): Agent => ({
  name: 'a',
  node: 'node0',
  started: 0,
  heard: 1000,
  alive: true,
  runs: 1,
  lost: 0,
  ...part,
});

const connection = (part: Partial<Connection>): Connection => ({
  now: 60_000,
  hours: 24,
  store: { ok: true, where: 'http://store:8123' },
  agents: [agent({})],
  sources: [
    { source: 'APP', last: 56_000, stored: 1234567, lost: 0 },
    { source: 'SYS', last: 0, stored: 0, lost: 0 },
    { source: 'NET', last: 59_900, stored: 5, lost: 0 },
  ],
  losses: [],
  advice: [],
  ...part,
});

const show = (part: Partial<Connection>) => render(<ConnectionView connection={connection(part)} datasource="uid" />);

describe('times', () => {
  it('are told as one would say them', () => {
    expect([ago(0, 1), ago(1000, 1200), ago(1000, 9000), ago(9000, 1000)]).toEqual([
      'nothing yet',
      'just now',
      '8 s ago',
      'just now', // a clock that is ahead
    ]);
    expect([length(119), length(600), length(7200), length(4 * 86400)]).toEqual(['119 s', '10 min', '2 h', '4 days']);
  });

  it('of blindness count once where agent and server both tell of them', () => {
    const blind = [
      { from: 10_000, to: 20_000 },
      { from: 5_000, to: 12_000 },
      { from: 30_000, to: 31_000 },
    ];
    expect(blindSeconds(agent({ blind }))).toBe(16);
  });
});

describe('the overview', () => {
  it('warns nobody who sends OpenTelemetry alone, and says what agents would add', () => {
    const last = (source: 'APP' | 'SYS' | 'NET', at: number) => ({ source, last: at, stored: at, lost: 0 });
    const { container } = show({
      agents: [],
      sources: [last('APP', 56_000), last('SYS', 0), last('NET', 0)],
      advice: [{ what: 'No spans from the network yet', do: 'Run the agent', optional: true }],
    });
    expect(container.querySelector('[data-testid*=Alert], [role=alert], [role=status]')).toBeNull();
    expect(container.textContent).not.toContain('▲');
    expect(container.querySelector('details')!.textContent).toMatch(/What agents would add.*Run the agent/);
  });

  it('says for every source when its last span was', () => {
    show({});
    expect(screen.getByText('4 s ago')).toBeTruthy();
    expect(screen.getByText('nothing yet')).toBeTruthy();
    expect(screen.getByText('1,234,567 spans stored')).toBeTruthy();
    expect(screen.getByText('1 of 1')).toBeTruthy();
  });

  it('says what is missing, and what to do', () => {
    show({ advice: [{ what: 'Nothing yet, because no agent has reported', do: 'Start one' }] });
    expect(screen.getByText(/because no agent has reported/)).toBeTruthy();
    expect(screen.getByText('Start one.')).toBeTruthy();
  });

  it('shows each loss by who counted it', () => {
    show({ losses: [{ reporter: 'a', stage: 'net', source: 'NET', what: 'lost: ring full', count: 12 }], moreLosses: 3 });
    expect(screen.getByText('lost: ring full')).toBeTruthy();
    expect(screen.getByText('3 smaller lines are not shown.')).toBeTruthy();
  });

  it('leads to the settings where the store cannot be read', () => {
    show({ store: { ok: false, where: '', message: 'nothing listens there' } });
    expect(screen.getByText('nothing listens there')).toBeTruthy();
    expect(screen.getByRole('link').getAttribute('href')).toBe('/connections/datasources/edit/uid');
  });
});
