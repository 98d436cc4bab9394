import React, { useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { type DataSourceSettings } from '@grafana/data';
import { type DataSourcePickerProps } from '@grafana/runtime';
import { ConfigEditor } from './ConfigEditor';
import { type ThroughlineOptions, type ThroughlineSecrets } from './options';

// Grafana's core brings the picker.
vi.mock('@grafana/runtime', async (load) => ({
  ...(await load<object>()),
  DataSourcePicker: ({ inputId, current, onChange }: DataSourcePickerProps) => (
    <input id={inputId} value={String(current ?? '')} onChange={(e) => onChange({ uid: e.currentTarget.value } as Parameters<typeof onChange>[0])} />
  ),
}));

type Settings = DataSourceSettings<ThroughlineOptions, ThroughlineSecrets>;

function open(part: Partial<Settings> = {}) {
  const changed = vi.fn<(s: Settings) => void>();
  function Host() {
    const [options, set] = useState({ url: '', jsonData: {}, secureJsonFields: {}, ...part } as Settings);
    return (
      <ConfigEditor
        options={options}
        onOptionsChange={(next) => {
          changed(next);
          set(next);
        }}
      />
    );
  }
  render(<Host />);
  return () => changed.mock.lastCall![0];
}

afterEach(cleanup);

describe('where the store is', () => {
  it('is a URL, of which the protocol is a part', () => {
    const last = open({ url: 'http://clickhouse:8123' });
    expect((screen.getByLabelText('HTTP') as HTMLInputElement).checked).toBe(true);
    fireEvent.click(screen.getByLabelText('Native, TLS'));
    expect(last().url).toBe('clickhouse://clickhouse:9440?secure=true');
    expect(screen.queryByLabelText('Token')).toBeNull();
    fireEvent.change(screen.getByLabelText('URL'), { target: { value: 'https://other:8443 ' } });
    expect(last().url).toBe('https://other:8443');
    expect((screen.getByLabelText('HTTPS') as HTMLInputElement).checked).toBe(true);
  });

  it('has secrets that are set anew, and never shown', () => {
    const last = open({ secureJsonFields: { password: true } });
    fireEvent.click(screen.getByRole('button', { name: /reset/i }));
    expect(last().secureJsonFields.password).toBe(false);
    fireEvent.change(screen.getByLabelText('Password'), { target: { value: 's3cret' } });
    expect(last().secureJsonData).toEqual({ password: 's3cret' });
    fireEvent.change(screen.getByLabelText(/^CA certificate/), { target: { value: 'PEM' } });
    expect(last().secureJsonData).toEqual({ password: 's3cret', tlsCACert: 'PEM' });
  });
});

describe('links of a span', () => {
  it('to logs begin with the pod and a minute around the span', () => {
    const last = open();
    fireEvent.change(document.getElementById('tl-logs-source')!, { target: { value: 'loki' } });
    expect(last().jsonData.tracesToLogsV2).toEqual({
      datasourceUid: 'loki',
      spanStartTimeShift: '-1m',
      spanEndTimeShift: '1m',
      tags: [{ key: 'k8s.namespace.name', value: 'namespace' }, { key: 'k8s.pod.name', value: 'pod' }],
    });
    fireEvent.click(screen.getByLabelText('Only lines with the trace id'));
    expect(last().jsonData.tracesToLogsV2?.filterByTraceID).toBe(true);
    fireEvent.click(screen.getByLabelText('A query of your own'));
    fireEvent.change(screen.getByLabelText('Query'), { target: { value: '{${__tags}}' } });
    expect(last().jsonData.tracesToLogsV2).toMatchObject({ customQuery: true, query: '{${__tags}}' });
    fireEvent.click(screen.getByLabelText('Remove tag 1'));
    expect(last().jsonData.tracesToLogsV2?.tags).toEqual([{ key: 'k8s.pod.name', value: 'pod' }]);
  });

  it('keep what was chosen when another data source is', () => {
    const tracesToLogsV2 = { datasourceUid: 'a', tags: [{ key: 'service.name' }], spanStartTimeShift: '-5m' };
    const last = open({ jsonData: { tracesToLogsV2 } });
    fireEvent.change(document.getElementById('tl-logs-source')!, { target: { value: 'b' } });
    expect(last().jsonData.tracesToLogsV2).toEqual({ ...tracesToLogsV2, datasourceUid: 'b' });
  });

  it('say where a time cannot be read', () => {
    open({ jsonData: { tracesToMetrics: { datasourceUid: 'p', queries: [] } } });
    fireEvent.change(screen.getByLabelText('From'), { target: { value: 'soon' } });
    expect(screen.getByText('Write it as -1m, 30s or 1h')).toBeTruthy();
  });

  it('to metrics have a name and a query each', () => {
    const last = open();
    fireEvent.change(document.getElementById('tl-metrics-source')!, { target: { value: 'prometheus' } });
    expect(last().jsonData.tracesToMetrics?.queries).toHaveLength(1);
    fireEvent.click(screen.getByText('Add a query'));
    const names = screen.getAllByLabelText('Link name');
    fireEvent.change(names[1], { target: { value: 'Restarts' } });
    fireEvent.blur(names[1]);
    expect(last().jsonData.tracesToMetrics?.queries?.[1]).toEqual({ name: 'Restarts', query: '' });
    fireEvent.click(screen.getByLabelText('Remove query 1'));
    expect(last().jsonData.tracesToMetrics?.queries).toEqual([{ name: 'Restarts', query: '' }]);
  });

  it('to profiles are by service', () => {
    const last = open();
    fireEvent.change(document.getElementById('tl-profiles-source')!, { target: { value: 'pyroscope' } });
    expect(last().jsonData.tracesToProfiles).toEqual({ datasourceUid: 'pyroscope', tags: [{ key: 'service.name', value: 'service_name' }] });
  });
});
